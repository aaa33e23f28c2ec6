-- What was agreed in the log is what the three bearers of a case pay together, to the last digit.
with

agreed as (

    select case_id, sum(amount) as agreed_amount
    from {{ ref('fct_order_events') }}
    where event_type = 'COMPENSATION_AGREED'
    group by case_id

)

select cases.case_id
from {{ ref('fct_after_sales_cases') }} as cases
left join agreed on cases.case_id = agreed.case_id
where cases.compensation_amount <> cases.supplier_amount + cases.ecom_amount + cases.platform_amount
    or cases.compensation_amount <> coalesce(agreed.agreed_amount, 0)
