{{ config(materialized='ephemeral') }}
-- One row per item that either side of a reconciliation states, for the touched keys. A new
-- reconciliation is one row in recon_definitions and a model of its two sides.
{% for code, recon in reconciliations().items() -%}
select * from {{ ref(recon.sides) }}
{{ 'union all' if not loop.last }}
{% endfor %}
