"""The ground floor: what every part of Orderhouse shares. Imports no sibling package."""
