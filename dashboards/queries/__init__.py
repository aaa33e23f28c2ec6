"""Questions the pages ask of the snapshot, one module a subject. No Streamlit in here."""
