create temp table lines as (
    select
        line_id, patient_id, rendering_provider, date_of_service as day, units, upper(trim(code)) as code,
        year(date_of_service) * 4 + quarter(date_of_service) - 1 as quarter,
        list_filter([modifier1, modifier2, modifier3, modifier4], lambda m: m is not null) as modifiers
    from claim_lines
);
create temp table found as
with
-- what the modifiers of a line do
worked as (
    select
        line_id,
        coalesce(bool_or(m.bypass), false) as tried,
        coalesce(bool_or(m.bypass and not m.site and w.code is null), false) as works,
        list(m.modifier) filter (where m.bypass and m.site and w.code is null) as sites,
        coalesce(bool_or(m.separate), false) as separate
    from (select line_id, code, day, unnest(modifiers) as modifier from lines) l
    join modifiers m using (modifier)
    left join misplaced w on w.code = l.code and w.modifier = l.modifier and l.day between w.first_day and w.last_day
    group by line_id
),
pairs as (
    select
        second.line_id as second_line, first.line_id as first_line, p.exclusive, p.indicator,
        s.tried or f.tried as tried, coalesce(s.tried, false) as s_tried, coalesce(f.tried, false) as f_tried,
        coalesce(s.works, false) or coalesce(f.works, false)
            or (len(s.sites) > 0 and len(f.sites) > 0 and not list_has_any(s.sites, f.sites)) as works,
        p.column1
    from lines second
    join lines first
        on first.patient_id = second.patient_id and first.day = second.day
        and first.rendering_provider = second.rendering_provider
    join ptp p
        on p.column1 = first.code and p.column2 = second.code
        and second.day between p.first_day and p.last_day
        and second.quarter between p.first_quarter and p.last_quarter
    left join worked s on s.line_id = second.line_id
    left join worked f on f.line_id = first.line_id
    where p.indicator <> 9 and second.units > 0 and first.units > 0
),
judged as (
    select
        least(second_line, min(first_line)) as line, any_value(exclusive) as exclusive,
        bool_or(s_tried or f_tried) as tried,
        any_value(indicator) = 1 and bool_and(coalesce(works, false)) as bypassed
    from pairs group by second_line, column1
),
limited as (
    select l.*, m.value, m.mai, coalesce(w.separate, false) as separate
    from lines l
    join mue m on m.code = l.code and m.quarter = l.quarter
    left join worked w on w.line_id = l.line_id
    where l.units > 0
),
add_ons as (
    select
        l.line_id, l.code, l.patient_id, l.rendering_provider, l.day, bool_or(a.is_open) as is_open,
        list(a.primary) filter (where a.counts is distinct from false) as primaries
    from lines l
    join addons a
        on a.addon = l.code and l.day between a.first_day and a.last_day
        and l.quarter between a.first_quarter and a.last_quarter
    group by all
),
beside as (
    select a.line_id, list(l.code) as present
    from add_ons a
    join lines l
        on l.patient_id = a.patient_id and l.day = a.day and l.rendering_provider = a.rendering_provider
        and l.code <> a.code
    group by a.line_id
)
select l.line_id as line, 'COD102' as rule, 'fail' as outcome
from lines l join not_in_force n on n.code = l.code and l.day between n.first_day and n.last_day
union all
select line, if(exclusive, 'PTP702', 'PTP701'), if(bypassed, 'bypassed', 'fail')
from judged where bypassed or not tried
union all
select line_id, 'MUE801', 'fail' from limited where mai = 1 and units > value
union all
select min(line_id), 'MUE801', 'fail'
from limited where mai = 1 and not separate
group by patient_id, rendering_provider, day, code having count(*) > 1 and sum(units) > any_value(value)
union all
select min(line_id), if(any_value(mai) = 2, 'MUE802', 'MUE803'), 'fail'
from limited where mai <> 1
group by patient_id, rendering_provider, day, code having sum(units) > any_value(value)
union all
select a.line_id, 'ADD302', 'fail'
from add_ons a
left join beside b using (line_id)
left join edition_addons e on e.addon = a.code and a.day between e.first_day and e.last_day
where not a.is_open
    and not coalesce(list_has_any(a.primaries, b.present), false)
    and (
        e.addon is null or e.unjudged
        or exists (
            from edition_primaries p
            where p.addon = a.code and a.day between p.first_day and p.last_day and list_contains(b.present, p.primary)
        )
    );
