-- The words of each event, so that it is found by them. Derived: kept by triggers in the transaction of each change, and
-- made again by event.RebuildWords. Beside the event, not in it: a new title of its series is no change of the event.

create table event_words (
  event_id text primary key references event on delete cascade,
  words    tsvector not null
);
create index event_words_words on event_words using gin (words);

-- Signs between words are taken out, so that names of hosts and files are found by their parts. The first 100,000 signs
-- count: a tsvector may have a megabyte.
create function words_of(title text, creators text[], series text, description text) returns tsvector language sql stable as $$
  select to_tsvector('simple', translate(
    left(title || ' ' || array_to_string(creators, ' ') || ' ' || coalesce(series, '') || ' ' || description, 100000),
    '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', '                                '))
$$;

create function event_words_put() returns trigger language plpgsql as $$
begin
  insert into event_words (event_id, words)
  values (new.id, words_of(new.title, new.creators, (select s.title from series s where s.id = new.series_id), new.description))
  on conflict (event_id) do update set words = excluded.words;
  return null;
end $$;
create trigger event_words_new after insert on event for each row execute function event_words_put();
create trigger event_words_changed after update on event for each row
  when ((old.title, old.creators, old.series_id, old.description) is distinct from (new.title, new.creators, new.series_id, new.description))
  execute function event_words_put();

create function series_words_put() returns trigger language plpgsql as $$
begin
  update event_words w set words = words_of(e.title, e.creators, new.title, e.description)
  from event e where e.id = w.event_id and e.series_id = new.id;
  return null;
end $$;
create trigger series_words_changed after update on series for each row
  when (old.title is distinct from new.title) execute function series_words_put();

insert into event_words (event_id, words)
select e.id, words_of(e.title, e.creators, s.title, e.description) from event e left join series s on s.id = e.series_id;

-- Lists by title.
create index event_title on event (lower(title) collate "C", id) where deleted_at is null;
