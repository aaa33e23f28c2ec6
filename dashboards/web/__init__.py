"""The HTTP side of the app: sign-in pages, health, headers. No Streamlit and no marts in here."""
