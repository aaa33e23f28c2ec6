{# What one reconciliation compares: a model with both sides (`sides`), and the grain whose touched
   keys are its match keys, or what `key` makes of them, so that a small change compares only those.
   `all`: few enough to compare every time. #}
{% macro reconciliations() %}
    {{ return({
        'RC1': {'sides': 'int_recon__paid', 'grain': 'orders'},
        'RC2': {'sides': 'int_recon__billed', 'grain': 'payments'},
        'RC2B': {'sides': 'int_recon__balanced', 'grain': 'all'},
        'RC3': {'sides': 'int_recon__refunded', 'grain': 'all'},
        'RC4': {'sides': 'int_recon__fees', 'grain': 'payments'},
        'RC5': {'sides': 'int_recon__payouts', 'grain': 'all'},
        'RC6': {'sides': 'int_recon__banked', 'grain': 'all'},
        'RC7': {'sides': 'int_recon__settled', 'grain': 'orders',
            'key': "split_part(match_key, '|', 1)"},
        'RC7D': {'sides': 'int_recon__settled', 'grain': 'orders',
            'key': "split_part(match_key, '|', 1)"},
        'RC7U': {'sides': 'int_recon__unnamed', 'grain': 'all'},
        'RC7R': {'sides': 'int_recon__repaid', 'grain': 'all'},
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
        'RC19': {'sides': 'int_recon__invoiced', 'grain': 'orders'},
        'RC19C': {'sides': 'int_recon__credited', 'grain': 'orders'},
        'RC20': {'sides': 'int_recon__totalled', 'grain': 'all'},
        'RC20N': {'sides': 'int_recon__totalled', 'grain': 'days', 'key': 'recon_date'},
        'RC20A': {'sides': 'int_recon__totalled', 'grain': 'all'},
    }) }}
{% endmacro %}

{# Reconciliations of money whose differences finance decides about (Q33): their breaks have a life. #}
{% macro lived_reconciliations() %}
    {{ return(['RC2', 'RC2B', 'RC3', 'RC4', 'RC5', 'RC6', 'RC7', 'RC7D', 'RC7U', 'RC7R', 'RC8', 'RC9', 'RC16',
        'RC17', 'RC18', 'RC19', 'RC19C']) }}
{% endmacro %}

{# Rows of reconciliation marts that a build replaces: see replaced_rows. `only`: of some of them. #}
{% macro touched_reconciliations(only=none) %}
    {%- set scopes = {} -%}
    {%- for code, recon in reconciliations().items() if only is none or code in only -%}
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

{# The rows of breaks that have a life whose keys this build compares. #}
{% macro touched_breaks(relation) -%}
    {%- set conditions = [] -%}
    {%- for scope in touched_reconciliations(lived_reconciliations()) -%}
        {%- set key = scope.key | replace('match_key', relation ~ '.match_key')
            if 'match_key' in scope.key else relation ~ '.' ~ scope.key -%}
        {%- set rows = 'true' if scope.grain == 'all' else touched(key, scope.grain) -%}
        {%- do conditions.append('(' ~ relation ~ '.' ~ scope['where'] ~ ' and ' ~ rows ~ ')') -%}
    {%- endfor -%}
    ({{ conditions | join(' or ') }})
{%- endmacro %}

{# Key of a break: stable across builds, whatever happens to its sides. #}
{% macro break_id() -%}
    md5(recon_code || '|' || match_key || '|' || currency_code)
{%- endmacro %}

{# Reconciliations by order, article and component: what an order differs in is one case. #}
{% macro order_reconciliations() %}
    {{ return(['RC7', 'RC7D', 'RC7R']) }}
{% endmacro %}

{# Key of the case a break is part of: that of its order, else its own. #}
{% macro break_case_id() -%}
    case when recon_code in ('{{ order_reconciliations() | join("', '") }}')
        then md5('{{ order_reconciliations() | first }}|' || split_part(match_key, '|', 1)
            || '|' || coalesce(currency_code, ''))
        else break_id end
{%- endmacro %}

{# Keys (or orders) of differences about which something was decided together with one of these. #}
{% macro decided_together(column, keys) -%}
    select partners.{{ column }}
    from {{ ref('stg_recon_decisions') }} as decisions
    inner join {{ ref('stg_recon_decisions') }} as partners
        on decisions.group_id = partners.group_id
    where decisions.{{ column }} in (
        select {{ column }} from {{ keys }} where {{ column }} is not null
    )
{%- endmacro %}

{# What two sides that differ are called, from the columns of int_recon__keyed. #}
{% macro recon_break_type() -%}
    case
        when is_other_currency then 'CURRENCY_DIFF'
        when least(left_count, right_count) = 0 and not is_due then 'TIMING'
        when right_count = 0 then coalesce(lone_type, 'LEFT_ONLY')
        when left_count = 0 then coalesce(lone_type, 'RIGHT_ONLY')
        when is_matched then 'ROUNDING'
        when abs(left_amount + right_amount) <= tolerance_amount then 'SIGN_DIFF'
        when right_count > 1 and difference_amount < 0
            and (
                abs(difference_amount + smallest_right_amount) <= tolerance_amount
                or abs(difference_amount + largest_right_amount) <= tolerance_amount
            ) then 'DUPLICATE'
        when difference_amount < 0 then coalesce(excess_break_type, amount_break_type)
        else amount_break_type
    end
{%- endmacro %}

{# The columns of one side, in their order; what is not given is null. A side is one item a row:
   `party` is who the other side is (a provider, a carrier, a supplier); `is_due` whether the other
   side had the time to say it, null: it has `suspense_days`; `lone_type` what it is called when the
   other side has nothing. `known_at` is when we were told the item as it is, `due_at` when we knew
   that the other side has had its time; without `is_due` that is at once. A quantity has no
   currency. #}
{% macro recon_side(recon_code, side, given) %}
    {%- set text = type_text() %}
    {%- set types = {
        'item_id': text, 'match_key': text, 'currency_code': text, 'amount': 'decimal(18, 4)',
        'item_at': 'timestamp', 'item_date': 'date', 'order_id': text, 'channel': text,
        'shop_id': text, 'party': text, 'is_due': 'boolean', 'lone_type': text,
        'known_at': 'timestamp', 'due_at': 'timestamp'} %}
    {%- set known = 'coalesce(' ~ given['known_at'] ~ ', ' ~ given['item_at'] ~ ')'
        if 'known_at' in given else given['item_at'] %}
    {%- set given = dict(given, known_at=known,
        due_at=given.get('due_at', 'null' if 'is_due' in given else known)) %}
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

{# How long the other side of a reconciliation has to say what this side says. #}
{% macro suspense_minutes(recon_code) -%}
    (select 1440 * suspense_days from {{ ref('recon_definitions') }}
        where recon_code = '{{ recon_code }}')
{%- endmacro %}
