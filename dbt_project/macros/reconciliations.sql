{# What one reconciliation compares: a model with both sides (`sides`), and the grain whose touched
   keys are its match keys, so that a small change compares only those. `all`: few enough to compare
   every time. #}
{% macro reconciliations() %}
    {{ return({
        'RC1': {'sides': 'int_recon__paid', 'grain': 'orders'},
        'RC2': {'sides': 'int_recon__billed', 'grain': 'payments'},
        'RC4': {'sides': 'int_recon__fees', 'grain': 'payments'},
        'RC5': {'sides': 'int_recon__payouts', 'grain': 'all'},
        'RC6': {'sides': 'int_recon__banked', 'grain': 'all'},
        'RC16': {'sides': 'int_recon__carried', 'grain': 'waybills'},
        'RC17': {'sides': 'int_recon__remitted', 'grain': 'all'},
        'RC18': {'sides': 'int_recon__claimed', 'grain': 'all'},
    }) }}
{% endmacro %}

{# Rows of reconciliation marts that a build replaces: see replaced_rows. #}
{% macro touched_reconciliations() %}
    {%- set scopes = {} -%}
    {%- for code, recon in reconciliations().items() -%}
        {%- do scopes.update({recon.grain: scopes.get(recon.grain, []) + [code]}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for grain, codes in scopes.items() -%}
        {%- do found.append({'grain': grain, 'key': 'match_key',
            'where': "recon_code in ('" ~ codes | join("', '") ~ "')"}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The columns of one side, in their order; what is not given is null. A side is one item a row:
   `party` is who the other side is (a provider, a carrier, a supplier), `is_due` whether the other
   side had the time to say it. #}
{% macro recon_side(recon_code, side, given) %}
    {%- set text = type_text() %}
    {%- set types = {
        'item_id': text, 'match_key': text, 'currency_code': text, 'amount': 'decimal(18, 4)',
        'item_at': 'timestamp', 'item_date': 'date', 'order_id': text, 'channel': text,
        'shop_id': text, 'party': text, 'is_due': 'boolean'} %}
        '{{ recon_code }}' as recon_code,
        '{{ side }}' as side,
        {%- for column, type in types.items() %}
        {%- if column == 'item_date' and column not in given %}
        {{ reporting_date(given['item_at']) }} as item_date
        {%- elif column == 'currency_code' %}
        cast(coalesce({{ given[column] }}, '') as {{ text }}) as currency_code
        {%- else %}
        cast({{ given.get(column, 'true' if column == 'is_due' else 'null') }} as {{ type }})
            as {{ column }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}
