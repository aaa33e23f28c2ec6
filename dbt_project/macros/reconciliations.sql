{# What one reconciliation compares: a model with both sides (`sides`), and the grain whose touched
   keys are its match keys, or what `key` makes of them, so that a small change compares only those.
   `all`: few enough to compare every time. #}
{% macro reconciliations() %}
    {{ return({
        'RC1': {'sides': 'int_recon__paid', 'grain': 'orders'},
        'RC2': {'sides': 'int_recon__billed', 'grain': 'payments'},
        'RC3': {'sides': 'int_recon__refunded', 'grain': 'all'},
        'RC4': {'sides': 'int_recon__fees', 'grain': 'payments'},
        'RC5': {'sides': 'int_recon__payouts', 'grain': 'all'},
        'RC6': {'sides': 'int_recon__banked', 'grain': 'all'},
        'RC8': {'sides': 'int_recon__returned', 'grain': 'orders', 'key': 'order_id'},
        'RC9': {'sides': 'int_recon__compensated', 'grain': 'all'},
        'RC10': {'sides': 'int_recon__suppliers', 'grain': 'all'},
        'RC11': {'sides': 'int_recon__supplied', 'grain': 'orders',
            'key': "split_part(match_key, '|', 1)"},
        'RC12': {'sides': 'int_recon__stocked', 'grain': 'all'},
        'RC13': {'sides': 'int_recon__reserved', 'grain': 'orders', 'key': 'order_id'},
        'RC14': {'sides': 'int_recon__published', 'grain': 'all'},
        'RC15': {'sides': 'int_recon__listed', 'grain': 'orders'},
        'RC15A': {'sides': 'int_recon__listed', 'grain': 'orders'},
        'RC16': {'sides': 'int_recon__carried', 'grain': 'waybills'},
        'RC17': {'sides': 'int_recon__remitted', 'grain': 'all'},
        'RC18': {'sides': 'int_recon__claimed', 'grain': 'all'},
        'RC20': {'sides': 'int_recon__totalled', 'grain': 'all'},
        'RC20N': {'sides': 'int_recon__totalled', 'grain': 'days', 'key': 'recon_date'},
        'RC20A': {'sides': 'int_recon__totalled', 'grain': 'all'},
    }) }}
{% endmacro %}

{# Rows of reconciliation marts that a build replaces: see replaced_rows. #}
{% macro touched_reconciliations() %}
    {%- set scopes = {} -%}
    {%- for code, recon in reconciliations().items() -%}
        {%- set scope = (recon.grain, recon.get('key', 'match_key')) -%}
        {%- do scopes.update({scope: scopes.get(scope, []) + [code]}) -%}
    {%- endfor -%}
    {%- set found = [] -%}
    {%- for (grain, key), codes in scopes.items() -%}
        {%- do found.append({'grain': grain, 'key': key,
            'where': "recon_code in ('" ~ codes | join("', '") ~ "')"}) -%}
    {%- endfor -%}
    {{ return(found) }}
{% endmacro %}

{# The columns of one side, in their order; what is not given is null. A side is one item a row:
   `party` is who the other side is (a provider, a carrier, a supplier); `is_due` whether the other
   side had the time to say it, null: it has `suspense_days`; `lone_type` what it is called when the
   other side has nothing. A quantity has no currency. #}
{% macro recon_side(recon_code, side, given) %}
    {%- set text = type_text() %}
    {%- set types = {
        'item_id': text, 'match_key': text, 'currency_code': text, 'amount': 'decimal(18, 4)',
        'item_at': 'timestamp', 'item_date': 'date', 'order_id': text, 'channel': text,
        'shop_id': text, 'party': text, 'is_due': 'boolean', 'lone_type': text} %}
        '{{ recon_code }}' as recon_code,
        '{{ side }}' as side,
        {%- for column, type in types.items() %}
        {%- if column == 'item_date' and column not in given %}
        {{ reporting_date(given['item_at']) }} as item_date
        {%- elif column == 'currency_code' %}
        cast(coalesce({{ given.get(column, "''") }}, '') as {{ text }}) as currency_code
        {%- else %}
        cast({{ given.get(column, 'true' if column == 'is_due' else 'null') }} as {{ type }})
            as {{ column }}
        {%- endif %}{{ ',' if not loop.last }}
        {%- endfor %}
{%- endmacro %}
