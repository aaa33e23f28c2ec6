"""Facts come in: files and pages become records. Knows nothing of Dagster, dbt or Streamlit."""
