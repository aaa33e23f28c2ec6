"""Words: labels of codes and message templates in Chinese and English.

Data holds codes; sentences are made when somebody reads. Both languages of an entry stand side by
side in `catalogue/*.yml`, so a missing one is seen where it is missing.
"""

from orderhouse.terms.loading import LANGUAGES, Terms, entries, terms_for

__all__ = ["LANGUAGES", "Terms", "entries", "terms_for"]
