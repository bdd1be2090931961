-- five numbers a line; codes that no table names meet nothing
create temp table lines as
select
    l.line_id, hash(l.patient_id, l.rendering_provider, l.date_of_service) as encounter,
    (l.date_of_service - date '1970-01-01')::smallint as day, c.id::smallint as code, l.units::integer as units,
    (l.units > c.least_limit)::tinyint | (c.is_addon::tinyint << 1) | (c.is_dated::tinyint << 2) as flags
from claim_lines l join codes c on c.code = upper(trim(l.code));

-- what the modifiers of a line do; a site is a bit
create temp table worked as
select
    line_id, bool_or(bypass) as tried, bool_or(bypass and not site and not astray) as works,
    bit_or(if(bypass and site and not astray, bit, 0)) as sites, bool_or(separate) as separate
from (
    select l.line_id, m.bypass, m.site, m.separate, m.bit, w.id is not null as astray
    from (
        select
            line_id, (date_of_service - date '1970-01-01')::integer as day, c.id as code,
            unnest([modifier1, modifier2, modifier3, modifier4]) as modifier
        from claim_lines l join codes c on c.code = upper(trim(l.code))
        where modifier1 is not null
    ) l
    join (select *, 1::bigint << (row_number() over ()) as bit from modifiers) m using (modifier)
    left join misplaced w on w.id = l.code and w.modifier = l.modifier and l.day between w.first and w.last
)
group by line_id;

-- what two codes of an encounter may be to each other. what: 1 the higher code is column 1, 2 a modifier may help,
-- 4 exclusive; 8 the same code; 16 the higher code is an add-on on the lower one, 17 the lower on the higher; 32 and 33
-- the same by the edition
create temp view meeting as
from ptp
union all
select (id << 14) | id, min(first), max(last), 8 from mue group by id
union all
select (least(id, carrier) << 14) | greatest(id, carrier), first, last, 16 + (id < carrier)::integer from primaries
union all
select (least(id, carrier) << 14) | greatest(id, carrier), first, last, 32 + (id < carrier)::integer
from edition_primaries;

-- one pass over the pairs of an encounter
create temp table met as
select
    (low.code::integer << 14) | high.code as key, p.what, case when p.what & 1 = 1 then low.line_id else high.line_id end as second_line,
    case when p.what & 1 = 1 then high.line_id else low.line_id end as first_line, low.encounter, low.code
from lines low
join lines high using (encounter)
join (select *, (key >> 14)::smallint as one, (key & 16383)::smallint as other from meeting) p
    on p.one = low.code and p.other = high.code and low.day between p.first and p.last
where (low.code < high.code or (low.code = high.code and low.line_id < high.line_id))
    and (p.what >= 16 or (low.units > 0 and high.units > 0));

create temp table twice as
select l.line_id, l.encounter, l.code, l.units, m.value, m.mai
from lines l
join (select distinct encounter, code from met where what = 8) t using (encounter, code)
join mue m on m.id = l.code and l.day between m.first and m.last
where l.units > 0;

create temp table found as
select line_id as line, 'COD102' as rule, 'fail' as outcome
from lines l join not_in_force n on n.id = l.code and l.day between n.first and n.last
where flags & 4 = 4
union all
select line, if(what & 4 = 4, 'PTP702', 'PTP701'), if(bypassed, 'bypassed', 'fail')
from (
    select
        least(second_line, min(first_line)) as line, any_value(p.what) as what,
        bool_or(s.line_id is not null and s.tried or f.line_id is not null and f.tried) as tried,
        any_value(p.what) & 2 = 2 and bool_and(
            coalesce(s.works, false) or coalesce(f.works, false)
            or (coalesce(s.sites, 0) <> 0 and coalesce(f.sites, 0) <> 0 and s.sites & f.sites = 0)
        ) as bypassed
    from met p
    left join worked s on s.line_id = p.second_line
    left join worked f on f.line_id = p.first_line
    where p.what < 8
    group by p.second_line, p.key
)
where bypassed or not tried
union all
select l.line_id, if(m.mai = 1, 'MUE801', if(m.mai = 2, 'MUE802', 'MUE803')), 'fail'
from lines l join mue m on m.id = l.code and l.day between m.first and m.last
left join (select distinct encounter, code from twice) t on t.encounter = l.encounter and t.code = l.code
where l.flags & 1 = 1 and l.units > m.value and (m.mai = 1 or t.code is null)
union all
select min(line_id), if(any_value(mai) = 2, 'MUE802', 'MUE803'), 'fail'
from twice where mai <> 1
group by encounter, code having sum(units) > any_value(value)
union all
select min(line_id), 'MUE801', 'fail'
from twice left join worked using (line_id)
where mai = 1 and not coalesce(separate, false)
group by encounter, code having count(*) > 1 and sum(units) > any_value(value)
union all
select l.line_id, 'ADD302', 'fail'
from lines l
join addons a on a.id = l.code and l.day between a.first and a.last
left join edition_addons e on e.id = l.code and l.day between e.first and e.last
where l.flags & 2 = 2 and not a.is_open
    and not exists (from met where what in (16, 17) and second_line = l.line_id)
    and (
        e.id is null or e.unjudged
        or exists (from met where what in (32, 33) and second_line = l.line_id)
    );
