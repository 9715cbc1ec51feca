-- What the engine registers.

insert into queues.effects (key, position, function) values ('enqueue', 10, 'enqueue');
