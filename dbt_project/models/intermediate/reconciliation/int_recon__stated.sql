{{ config(materialized='ephemeral') }}
-- One row per item that either side of a reconciliation states, for the touched keys. A new
-- reconciliation is one row in recon_definitions and a model of its two sides.
{% for sides in reconciliations().values() | map(attribute='sides') | unique -%}
select * from {{ ref(sides) }}
{{ 'union all' if not loop.last }}
{% endfor %}
