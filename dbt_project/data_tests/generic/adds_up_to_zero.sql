{# Conservation: within each group the amounts cancel exactly. #}
{% test adds_up_to_zero(model, amount, by) %}
select {{ by | join(', ') }}, sum({{ amount }}) as left_over
from {{ model }}
group by {{ by | join(', ') }}
having sum({{ amount }}) <> 0
{% endtest %}
