{# Contacts that are part of a complaint, whoever they name. #}
{% macro is_complaint(prefix='') -%}
    {{ prefix }}contact_kind in ('complaint', 'complaint_answered', 'complaint_planned',
        'complaint_escalated', 'complaint_resolved', 'satisfaction_scored')
{%- endmacro %}

{# The complaint a contact states: the one it names, else itself if it opens one. #}
{% macro complaint_number() -%}
    coalesce(complaint_id, case when contact_kind = 'complaint' then contact_id end)
{%- endmacro %}

{# A complaint nobody graded is an ordinary one. #}
{% macro contact_detail() -%}
    case when contact_kind = 'complaint' then coalesce(level, 'normal')
        else coalesce(outcome, level) end
{%- endmacro %}
