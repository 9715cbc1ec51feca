/** What the database and the core say. tests/web/console.texts.test.ts fails if one of their texts is not here. */
export const said: Record<string, string> = {
  // Health of a queue
  "the queue was dropped: %s missing": "la cola se eliminó: falta %s",
  "`select queues.create_queue(%s)`, or delete its row from queues.settings":
    "`select queues.create_queue(%s)`, o borra su fila de queues.settings",
  "`select queues.create_queue(%s)` moves it; so does the next message that is sent, unless the trigger keep_ids_fresh is missing":
    "`select queues.create_queue(%s)` la adelanta; también lo hace el próximo mensaje que se envíe, salvo que falte el trigger keep_ids_fresh",
  "paused, with %s visible message": "en pausa, con %s mensaje visible",
  "paused, with %s visible messages": "en pausa, con %s mensajes visibles",
  "the database drains it at each tick, by queues.%s": "la base de datos la vacía en cada tick, con queues.%s",
  "no function drains it: queues.settings.function_name is null":
    "ninguna función la vacía: queues.settings.function_name es null",
  "the last tick could not look at the queue: %s": "el último tick no pudo mirar la cola: %s",
  "`select queues.dispatch_queue(%s)` shows the error; the next tick continues once it is fixed":
    "`select queues.dispatch_queue(%s)` muestra el error; una vez corregido, sigue el próximo tick",
  "its worker cannot be called: %s": "no se puede llamar a su worker: %s",
  "calls of its worker fail (%s): %s": "fallan las llamadas a su worker (%s): %s",
  "the last %s runs were killed before they could finish":
    "las últimas %s ejecuciones fueron interrumpidas antes de terminar",
  "look for memory, CPU or time limits in the logs of the function `%s`; a smaller queues.settings.batch_size makes runs lighter":
    "busca límites de memoria, CPU o tiempo en los registros de la función `%s`; un queues.settings.batch_size menor aligera las ejecuciones",
  "the last %s runs ended with an error, the last one with `%s`: %s":
    "las últimas %s ejecuciones acabaron con un error, la última con `%s`: %s",
  "the database refuses what the worker asks for: correct what the error names, or deploy the migrations and functions of one version; the messages stay, and the next run continues":
    "la base de datos rechaza lo que pide el worker: corrige lo que nombra el error, o despliega migraciones y funciones de una misma versión; los mensajes se quedan y la próxima ejecución sigue",
  "fix the error; the messages stay, and the next run continues":
    "corrige el error; los mensajes se quedan y la próxima ejecución sigue",
  "%s of %s tries failed within 5 minutes, the last one with `%s`: %s":
    "%s de %s intentos fallaron en 5 minutos, el último con `%s`: %s",
  "fix the error; meanwhile, `select queues.pause(%s)` keeps messages from using up their retries, and `select * from queues.dead_letters(%s)` shows those given up":
    "corrige el error; mientras tanto, `select queues.pause(%s)` evita que los mensajes gasten sus reintentos, y `select * from queues.dead_letters(%s)` muestra los abandonados",
  "%s messages were rejected within 5 minutes, the last one with `%s`: %s":
    "%s mensajes fueron rechazados en 5 minutos, el último con `%s`: %s",
  "no retry can help: fix the producer, or deploy a worker that accepts them; `select * from queues.dead_letters(%s)` shows them, then queues.redrive or queues.discard":
    "reintentar no sirve: corrige el productor, o despliega un worker que los acepte; `select * from queues.dead_letters(%s)` los muestra, y después queues.redrive o queues.discard",
  "its worker accepted %s calls while the oldest message waited for %s seconds, and none of the runs claimed anything":
    "su worker aceptó %s llamadas mientras el mensaje más antiguo esperaba %s segundos, y ninguna ejecución tomó nada",
  "the logs of the function `%s` say why it cannot claim":
    "los registros de la función `%s` dicen por qué no puede tomar mensajes",
  "%s visible message has waited for %s seconds, with %s of %s workers active":
    "%s mensaje visible espera desde hace %s segundos, con %s de %s workers activos",
  "the oldest of %s visible messages has waited for %s seconds, with %s of %s workers active":
    "el más antiguo de %s mensajes visibles espera desde hace %s segundos, con %s de %s workers activos",
  "the next tick calls a worker; if that does not help, read the logs of the function `%s`":
    "el próximo tick llama a un worker; si no basta, lee los registros de la función `%s`",
  "workers are draining it; a larger queues.settings.max_workers or batch_size drains it faster":
    "los workers la están vaciando; un queues.settings.max_workers o batch_size mayor la vacía antes",
  "the queue cannot be measured: %s": "la cola no se puede medir: %s",
  "`select queues.measure(s) from queues.settings s where queue = %s` shows the error":
    "`select queues.measure(s) from queues.settings s where queue = %s` muestra el error",
  "%s message was given up": "%s mensaje fue abandonado",
  "%s messages were given up": "%s mensajes fueron abandonados",
  "`select * from queues.dead_letters(%s)`, then queues.redrive or queues.discard":
    "`select * from queues.dead_letters(%s)`, y después queues.redrive o queues.discard",
  "workers cannot be called: %s": "no se puede llamar a los workers: %s",
  "%s: %s": "%s: %s",
  "%s; %s": "%s; %s",
  "no text": "sin texto",

  // Calls of workers
  "the next tick calls again, and so does `select queues.dispatch()`":
    "el próximo tick vuelve a llamar, y también `select queues.dispatch()`",
  "the secret `queues_secret_key` in Vault is not a valid secret key: `select vault.update_secret((select id from vault.secrets where name = 'queues_secret_key'), 'sb_secret_…')`":
    "el secreto `queues_secret_key` de Vault no es una clave secreta válida: `select vault.update_secret((select id from vault.secrets where name = 'queues_secret_key'), 'sb_secret_…')`",
  "deploy the function `%s`, or correct queues.settings.function_name":
    "despliega la función `%s`, o corrige queues.settings.function_name",
  "read the logs of the function `%s`": "lee los registros de la función `%s`",
  "the function `%s` did not answer in time: read its logs": "la función `%s` no respondió a tiempo: lee sus registros",
  "nothing answers at the address in the secret `queues_project_url` in Vault: `select vault.update_secret((select id from vault.secrets where name = 'queues_project_url'), 'https://….supabase.co')`":
    "nada responde en la dirección del secreto `queues_project_url` de Vault: `select vault.update_secret((select id from vault.secrets where name = 'queues_project_url'), 'https://….supabase.co')`",
  "the next tick calls again; if that call is lost too: `select net.worker_restart()`":
    "el próximo tick vuelve a llamar; si también se pierde esa llamada: `select net.worker_restart()`",
  "pg_net has held the call of its worker for %s seconds":
    "pg_net retiene la llamada a su worker desde hace %s segundos",
  "%s: a slow request of this project holds up all others":
    "%s: una petición lenta de este proyecto retiene todas las demás",
  "`select id, method, url, timeout_milliseconds from net.http_request_queue order by id limit 200` shows the batch; it ends when the slowest has answered or timed out: give slow requests a shorter timeout_milliseconds":
    "`select id, method, url, timeout_milliseconds from net.http_request_queue order by id limit 200` muestra el lote; termina cuando la más lenta responde o agota su tiempo: da a las peticiones lentas un timeout_milliseconds menor",
  "%s: its background worker does not run": "%s: su proceso en segundo plano no se está ejecutando",
  "`select net.worker_restart()`; if that does not help, restart the database":
    "`select net.worker_restart()`; si no basta, reinicia la base de datos",
  "pg_net is not enabled": "pg_net no está activado",
  "tables of pg_net are missing": "faltan tablas de pg_net",
  "the secret `queues_project_url` is not a URL that begins with https://":
    "el secreto `queues_project_url` no es una URL que empiece por https://",
  "the secret `queues_secret_key` contains characters that no key has":
    "el secreto `queues_secret_key` contiene caracteres que ninguna clave tiene",
  "the secret `%s` is missing": "falta el secreto `%s`",
  "the secret `%s` is empty": "el secreto `%s` está vacío",
  "the secret `%s` is missing: Vault is not enabled": "falta el secreto `%s`: Vault no está activado",
  "the secret `%s` cannot be read: %s": "el secreto `%s` no se puede leer: %s",
  "the secret `%s` cannot be decrypted (%s)": "el secreto `%s` no se puede descifrar (%s)",
  "pg_net refused the call (%s)": "pg_net rechazó la llamada (%s)",
  "check the secret `queues_project_url` in Vault, then select net.worker_restart()":
    "revisa el secreto `queues_project_url` de Vault, y después select net.worker_restart()",
  "pg_net has lost the call, as it does when the database crashes":
    "pg_net ha perdido la llamada, como ocurre cuando la base de datos se cae",
  "no answer": "sin respuesta",
  "queue `%s` was dropped: %s missing": "la cola `%s` se eliminó: falta %s",
  "queue `%s` was dropped: select queues.create_queue(%s), or delete its row from queues.settings":
    "la cola `%s` se eliminó: select queues.create_queue(%s), o borra su fila de queues.settings",

  // The clock and the jobs
  "this server is a replica, which is read-only": "este servidor es una réplica, que es de solo lectura",
  "look at the primary: its jobs do the work": "mira el primario: sus tareas hacen el trabajo",
  "`alter system reset %s`, then `select pg_reload_conf()`":
    "`alter system reset %s`, y después `select pg_reload_conf()`",
  "the database is read-only": "la base de datos es de solo lectura",
  "free or add disk space if it is full (dashboard: Settings, Infrastructure), then %s":
    "libera o añade espacio si el disco está lleno (panel: Settings, Infrastructure), y después %s",
  "the dispatcher has not run yet": "el despachador aún no se ha ejecutado",
  "the dispatcher does not run: the queue was due %s seconds ago":
    "el despachador no se ejecuta: a la cola le tocaba hace %s segundos",
  "%s, and %s": "%s, y %s",
  "%s, although its job exists: pg_cron has not run it for %s seconds":
    "%s, aunque su tarea existe: pg_cron no la ejecuta desde hace %s segundos",
  "restart the database, which restarts pg_cron; until then, `select queues.dispatch()` runs one tick":
    "reinicia la base de datos, que reinicia pg_cron; hasta entonces, `select queues.dispatch()` ejecuta un tick",
  "%s, and the job `dispatch-queues` failed: %s": "%s, y la tarea `dispatch-queues` falló: %s",
  "`select queues.dispatch()` shows the error; the next tick continues once it is fixed":
    "`select queues.dispatch()` muestra el error; una vez corregido, sigue el próximo tick",
  "%s, although its job runs (%s)": "%s, aunque su tarea se ejecuta (%s)",
  "a session may hold a lock: `select pid, wait_event_type, state, query from pg_stat_activity` shows it, and `select pg_terminate_backend(pid)` ends it":
    "puede que una sesión tenga un bloqueo: `select pid, wait_event_type, state, query from pg_stat_activity` la muestra, y `select pg_terminate_backend(pid)` la termina",
  "%s, although its job exists: pg_cron does not run it": "%s, aunque su tarea existe: pg_cron no la ejecuta",
  "pg_cron is not enabled": "pg_cron no está activado",
  "the job `%s` is missing": "falta la tarea `%s`",
  "the job `%s` is not active": "la tarea `%s` no está activa",
  "workers are not called": "no se llama a los workers",
  "old records are not removed and reports are not made":
    "no se eliminan los registros antiguos ni se hacen los informes",

  // Ids of messages
  "the column msg_id of pgmq.%s is no identity any more, so messages get no ids":
    "la columna msg_id de pgmq.%s ya no es identity, así que los mensajes no reciben id",
  "the sequence of pgmq.q_%s is behind: its next id is %s, and ids up to %s are taken":
    "la secuencia de pgmq.q_%s va por detrás: su próximo id es %s, y están usados los ids hasta %s",

  // Providers
  "this push service refuses the signature: see that VAPID_SUBJECT is an address that exists (Apple refuses localhost), then `select queues.close_breaker(%s, %s)`. Other push services are not affected":
    "este servicio push rechaza la firma: comprueba que VAPID_SUBJECT sea una dirección que existe (Apple rechaza localhost), y después `select queues.close_breaker(%s, %s)`. No afecta a otros servicios push",
  "correct %s with `supabase secrets set`, then `select queues.close_breaker(%s)`":
    "corrige %s con `supabase secrets set`, y después `select queues.close_breaker(%s)`",
  "the secret FCM_SERVICE_ACCOUNT (a service account's key that may send messages of its project)":
    "el secreto FCM_SERVICE_ACCOUNT (la clave de una cuenta de servicio que pueda enviar mensajes de su proyecto)",
  "the secrets APNS_PRIVATE_KEY, APNS_KEY_ID, APNS_TEAM_ID and APNS_TOPIC (one key of one team)":
    "los secretos APNS_PRIVATE_KEY, APNS_KEY_ID, APNS_TEAM_ID y APNS_TOPIC (una clave de un equipo)",
  "the secrets VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY and VAPID_SUBJECT (the pair that browsers subscribed with)":
    "los secretos VAPID_PUBLIC_KEY, VAPID_PRIVATE_KEY y VAPID_SUBJECT (el par con el que se suscribieron los navegadores)",
  "the secrets RESEND_API_KEY and EMAIL_FROM (an address of a verified domain)":
    "los secretos RESEND_API_KEY y EMAIL_FROM (una dirección de un dominio verificado)",
  "the secrets SENDGRID_API_KEY and EMAIL_FROM (a verified sender)":
    "los secretos SENDGRID_API_KEY y EMAIL_FROM (un remitente verificado)",
  "the secret OPENAI_API_KEY (a key whose project may use moderations, with credit)":
    "el secreto OPENAI_API_KEY (una clave cuyo proyecto pueda usar moderations, con saldo)",
  "the secrets MODERATION_URL and MODERATION_SECRET": "los secretos MODERATION_URL y MODERATION_SECRET",
  "its secrets": "sus secretos",
  "%s; then `select queues.close_breaker(%s)`": "%s; y después `select queues.close_breaker(%s)`",
  "no action is needed: its messages wait, and a worker probes it after open_until":
    "no hay que hacer nada: sus mensajes esperan, y un worker lo prueba después de open_until",
  "there is no provider `%s`": "no existe el proveedor `%s`",
  "there is no provider `%s` with the push service `%s`": "no existe el proveedor `%s` con el servicio push `%s`",
  "providers are %s": "los proveedores son %s",
  "circuit breaker for `%s` is open": "el cortacircuitos de `%s` está abierto",
  "circuit breaker for `%s` at `%s` is open": "el cortacircuitos de `%s` en `%s` está abierto",
  "%s: nothing is sent by `%s`": "%s: no se envía nada por `%s`",
  "correct it with `supabase secrets set`; `%s` needs %s, or none of them if it is not used":
    "corrígelo con `supabase secrets set`; `%s` necesita %s, o ninguno de ellos si no se usa",
  "VAPID_SUBJECT is not an address that exists: push services may refuse it, as Apple's does":
    "VAPID_SUBJECT no es una dirección que exista: los servicios push pueden rechazarla, como hace el de Apple",
  "set VAPID_SUBJECT to the mailto: address of a mailbox that you read, or to the https: address of your app":
    "pon en VAPID_SUBJECT la dirección mailto: de un buzón que leas, o la dirección https: de tu app",
  "RESEND_API_KEY or SENDGRID_API_KEY": "RESEND_API_KEY o SENDGRID_API_KEY",
  "EMAIL_PROVIDER is neither `resend` nor `sendgrid`: emails are not sent":
    "EMAIL_PROVIDER no es `resend` ni `sendgrid`: no se envían correos",
  "correct it with `supabase secrets set`, or unset it": "corrígelo con `supabase secrets set`, o quítalo",
  "EMAIL_PROVIDER chooses a provider without its %s: emails are not sent":
    "EMAIL_PROVIDER elige un proveedor sin su %s: no se envían correos",
  "set %s, or correct EMAIL_PROVIDER, with `supabase secrets set`":
    "define %s, o corrige EMAIL_PROVIDER, con `supabase secrets set`",
  "EMAIL_FROM is set without %s: emails are not sent": "EMAIL_FROM está definido sin %s: no se envían correos",
  "set %s with `supabase secrets set`, or unset EMAIL_FROM": "define %s con `supabase secrets set`, o quita EMAIL_FROM",
  "pushes and emails have no links": "los push y los correos no tienen enlaces",
  "links to unsubscribe use SUPABASE_URL instead": "los enlaces para darse de baja usan SUPABASE_URL",
  "%s is not an address that begins with https://: %s": "%s no es una dirección que empiece por https://: %s",
  "%s is an address of an example or of a developer: others cannot open its links":
    "%s es una dirección de ejemplo o de un desarrollador: otros no pueden abrir sus enlaces",
  "%s begins with http://: its links are not encrypted": "%s empieza por http://: sus enlaces no van cifrados",
  "set your address in full: supabase secrets set %s": "pon tu dirección completa: supabase secrets set %s",
  "none of the provider's secrets is set": "no está definido ninguno de los secretos del proveedor",
  "the secret %s %s": "el secreto %s %s",
  "is not set": "no está definido",
  "has invalid characters": "tiene caracteres no válidos",
  "is not a URL": "no es una URL",
  "is not a URL that begins with https://": "no es una URL que empiece por https://",
  "is neither an address nor `Name <address>`": "no es una dirección ni `Nombre <dirección>`",
  "is not an uncompressed point of P-256 in base64url": "no es un punto P-256 sin comprimir en base64url",
  "is neither a mailto: nor an https: address": "no es una dirección mailto: ni https:",
  "not an endpoint of a known push service": "no es un endpoint de un servicio push conocido",
  "not the keys of a subscription": "no son las claves de una suscripción",
  "not an APNs device token": "no es un token de dispositivo de APNs",
  "not an FCM registration token": "no es un token de registro de FCM",
  "not an answer of the provider": "no es una respuesta del proveedor",
  "redirects are not followed": "no se siguen las redirecciones",
  "the payload has more than %s bytes": "el contenido tiene más de %s bytes",

  // Limits
  "the limit is switched off": "el límite está desactivado",
  "addresses are not limited: a client may take another session id with each call":
    "las direcciones no tienen límite: un cliente puede usar otro id de sesión en cada llamada",
  "`update queues.rate_limit_settings set address_header = 'cf-connecting-ip'`, or x-forwarded-for with trusted_proxies: whichever the platform sets":
    "`update queues.rate_limit_settings set address_header = 'cf-connecting-ip'`, o x-forwarded-for con trusted_proxies: lo que ponga la plataforma",
  "one address made most calls: %s of %s since the last housekeeping":
    "una dirección hizo la mayoría de las llamadas: %s de %s desde la última limpieza",
  "if it is a server or a proxy that calls for many people: add it to queues.rate_limit_settings.exempt_addresses, or correct address_header and trusted_proxies":
    "si es un servidor o un proxy que llama por muchas personas: añádelo a queues.rate_limit_settings.exempt_addresses, o corrige address_header y trusted_proxies",

  // Pictures
  "uploads are not noticed: storage.objects lacks the trigger `queues_note_upload`":
    "no se detectan las subidas: a storage.objects le falta el trigger `queues_note_upload`",
  "the bucket `%s` or `%s` is missing": "falta el bucket `%s` o `%s`",
  "the bucket `%s` is public: everybody can read uploads, with the places where they were taken":
    "el bucket `%s` es público: cualquiera puede leer las subidas, con los lugares donde se tomaron",
  "the bucket `%s` is not public: nobody sees its pictures": "el bucket `%s` no es público: nadie ve sus imágenes",
  "Storage cannot be read: %s": "no se puede leer Storage: %s",
  "%s picture has waited to be processed for %s s": "%s imagen espera a ser procesada desde hace %s s",
  "%s pictures wait to be processed, the oldest for %s s":
    "%s imágenes esperan a ser procesadas, la más antigua desde hace %s s",
  "uploads cannot be taken: %s": "no se pueden recoger las subidas: %s",
  "is not <owner>/<post>/<name>": "no es <dueño>/<publicación>/<nombre>",
  "upload to `${user.id}/${post.id}/photo.jpg`, ids in lower case":
    "sube a `${user.id}/${post.id}/photo.jpg`, con los ids en minúsculas",
  "names an owner without a profile": "nombra un dueño sin perfil",
  "the first folder is the id of a profile": "la primera carpeta es el id de un perfil",
  "names a post of somebody else": "nombra una publicación de otra persona",
  "the second folder is the id of a post of the owner": "la segunda carpeta es el id de una publicación del dueño",
  "the upload was removed before it was processed": "la subida se eliminó antes de procesarse",
  "does not have 1 to 1024 characters": "no tiene entre 1 y 1024 caracteres",
  "the upload is not in a folder of yours": "la subida no está en una carpeta tuya",
  "upload to `${user.id}/${post.id}/photo.jpg`": "sube a `${user.id}/${post.id}/photo.jpg`",
  "the picture could not be processed; please upload it again later":
    "no se pudo procesar la imagen; súbela de nuevo más tarde",
  "the upload is no longer there; please upload the picture again": "la subida ya no está; vuelve a subir la imagen",
  "its picture no longer exists": "su imagen ya no existe",
  "another upload has taken its place": "otra subida ha ocupado su lugar",
  "Storage has no such object": "Storage no tiene ese objeto",
  "too_many_bytes: the file has %s bytes; at most %s are allowed":
    "too_many_bytes: el archivo tiene %s bytes; se admiten %s como máximo",
  "too_much_memory: the picture takes more memory than there is, or is damaged; please upload it smaller, or save it anew":
    "too_much_memory: la imagen necesita más memoria de la que hay, o está dañada; súbela más pequeña, o guárdala de nuevo",
  "the worker's report cannot be read: %s": "no se puede leer el informe del worker: %s",
  "%s: HTTP %s %s": "%s: HTTP %s %s",
  "HTTP %s %s": "HTTP %s %s",
  "HTTP %s: %s": "HTTP %s: %s",
  "cannot write a JPEG without samples": "no se puede escribir un JPEG sin muestras",
  "cannot write a JPEG: %s": "no se puede escribir un JPEG: %s",
  "cannot write a PNG: %s": "no se puede escribir un PNG: %s",
  "the file is a HEIC picture, which is not taken here; please upload a JPEG, PNG, WebP or GIF":
    "el archivo es una imagen HEIC, que aquí no se admite; sube un JPEG, PNG, WebP o GIF",
  "an AVIF picture": "una imagen AVIF",
  "a video": "un vídeo",
  "a TIFF or raw picture": "una imagen TIFF o en bruto",
  "a BMP picture": "una imagen BMP",
  "a PDF document": "un documento PDF",
  "a JPEG XL picture": "una imagen JPEG XL",
  "an SVG drawing": "un dibujo SVG",
  "of an unknown kind": "de un tipo desconocido",
  "the file is %s; please upload a JPEG, PNG, WebP or GIF": "el archivo es %s; sube un JPEG, PNG, WebP o GIF",
  "the file is empty": "el archivo está vacío",
  "the file ends within its header": "el archivo termina dentro de su cabecera",
  "the file has %s bytes; at most %s are allowed": "el archivo tiene %s bytes; se admiten %s como máximo",
  "the picture has no pixels": "la imagen no tiene píxeles",
  "the picture has %s × %s pixels; at most %s megapixels%s are allowed":
    "la imagen tiene %s × %s píxeles; se admiten %s megapíxeles%s como máximo",
  "%s of a progressive JPEG": "%s de un JPEG progresivo",
  "%s of a HEIC": "%s de un HEIC",
  "the picture has %s × %s pixels, which is too much for a picture of its kind; please upload it smaller, or as a normal JPEG":
    "la imagen tiene %s × %s píxeles, demasiados para una imagen de su tipo; súbela más pequeña, o como un JPEG normal",
  "the JPEG has no frame before its first scan": "el JPEG no tiene ningún fotograma antes de su primer barrido",
  "the JPEG is lossless, hierarchical or arithmetically coded; please save it as a normal JPEG":
    "el JPEG es sin pérdida, jerárquico o de codificación aritmética; guárdalo como un JPEG normal",
  "the JPEG has %s bits for a sample; please save it as a normal JPEG, with 8":
    "el JPEG tiene %s bits por muestra; guárdalo como un JPEG normal, con 8",
  "the JPEG has colors of an unknown kind; please save it as a normal JPEG":
    "el JPEG tiene colores de un tipo desconocido; guárdalo como un JPEG normal",
  "the JPEG has %s color channels; please save it as RGB": "el JPEG tiene %s canales de color; guárdalo como RGB",
  "the JPEG is broken: %s": "el JPEG está dañado: %s",
  "the JPEG ends before its picture does": "el JPEG termina antes que su imagen",
  "its data end before its picture does": "sus datos terminan antes que su imagen",
  "a Huffman table is broken": "una tabla de Huffman está dañada",
  "a quantization table is broken": "una tabla de cuantización está dañada",
  "its restart interval is broken": "su intervalo de reinicio está dañado",
  "it has a scan before its frame": "tiene un barrido antes de su cabecera de imagen",
  "it has no marker where one must be": "no tiene ninguna marca donde debe haber una",
  "the JPEG has no marker where one must be": "el JPEG no tiene ninguna marca donde debe haber una",
  "it has too many tables": "tiene demasiadas tablas",
  "its data have a code that no table has": "sus datos tienen un código que no está en ninguna tabla",
  "it has two frames": "tiene dos cabeceras de imagen",
  "it has too many scans": "tiene demasiados barridos",
  "its frame is broken": "su cabecera de imagen está dañada",
  "the header of a scan is broken": "la cabecera de un barrido está dañada",
  "a restart marker is missing": "falta una marca de reinicio",
  "a scan has no table": "a un barrido le falta una tabla",
  "the PNG has no header": "el PNG no tiene cabecera",
  "the PNG has colors of an unknown depth": "el PNG tiene colores de una profundidad desconocida",
  "the palette of the PNG cannot be used": "la paleta del PNG no se puede usar",
  "the PNG ends before its picture does": "el PNG termina antes que su imagen",
  "the PNG holds more than its pixels: too much to read": "el PNG contiene más que sus píxeles: demasiado para leerlo",
  "the PNG is broken: %s": "el PNG está dañado: %s",
  "the WebP is larger than its header says": "el WebP es mayor de lo que dice su cabecera",
  "the colors of the WebP cannot be used": "los colores del WebP no se pueden usar",
  "the WebP ends before its picture does": "el WebP termina antes que su imagen",
  "the WebP holds more than its pixels: too much to read":
    "el WebP contiene más que sus píxeles: demasiado para leerlo",
  "the WebP is broken: %s": "el WebP está dañado: %s",
  "the WebP is broken: a frame is larger than the picture": "el WebP está dañado: un fotograma es mayor que la imagen",
  "the GIF ends before its first frame": "el GIF termina antes de su primer fotograma",
  "the GIF ends before its first frame does": "el GIF termina antes que su primer fotograma",
  "the colors of the GIF cannot be used": "los colores del GIF no se pueden usar",
  "the GIF is broken: %s": "el GIF está dañado: %s",
  "the HEIC has %s tiles, which are too many": "el HEIC tiene %s teselas, que son demasiadas",
  "no sequence parameter set": "sin conjunto de parámetros de secuencia",
  "the HEIC holds more than its pixels: too much to decode":
    "el HEIC contiene más que sus píxeles: demasiado para descodificarlo",
  "the HEIC stores its colors in a rare way; please upload a JPEG":
    "el HEIC guarda sus colores de un modo raro; sube un JPEG",
  "the HEIC picture is in HDR; please save it for normal screens, or as a JPEG":
    "la imagen HEIC está en HDR; guárdala para pantallas normales, o como JPEG",
  "the HEIC ends before its picture does": "el HEIC termina antes que su imagen",
  "the HEIC is of a kind that is not read here (%s); please upload a JPEG":
    "el HEIC es de un tipo que aquí no se lee (%s); sube un JPEG",
  "the HEIC is broken: %s": "el HEIC está dañado: %s",
  "it is cut after turning": "está recortado después de girarlo",
  "its planes": "sus planos",
  "tiles of odd height": "teselas de altura impar",
  "tiles do not cover the picture": "las teselas no cubren la imagen",
  "tiles of several kinds": "teselas de varios tipos",
  "a tile is too small": "una tesela es demasiado pequeña",

  // Moderation
  "only moderators may do this": "solo los moderadores pueden hacer esto",
  "the owner adds moderators to queues.moderators": "el dueño añade moderadores a queues.moderators",
  "the machine could not judge it": "la máquina no pudo juzgarlo",
  "a moderator has decided against this picture": "un moderador ha decidido en contra de esta imagen",
  "The note must have at most 500 characters.": "La nota debe tener 500 caracteres como máximo.",
  "The note must have at most 1000 characters.": "La nota debe tener 1000 caracteres como máximo.",
  "Another moderator must decide about your own picture.": "Otro moderador debe decidir sobre tu propia imagen.",
  "Another moderator must decide about your own comment.": "Otro moderador debe decidir sobre tu propio comentario.",
  "This picture does not exist any more, or has not been processed.": "Esta imagen ya no existe, o no se ha procesado.",
  "This is not another person.": "No es otra persona.",
  "This comment does not exist any more.": "Este comentario ya no existe.",
  "This post does not wait for a moderator.": "Esta publicación no espera a un moderador.",
  "%s comment has waited to be judged for %s s": "%s comentario espera a ser juzgado desde hace %s s",
  "%s comments wait to be judged, the oldest for %s s":
    "%s comentarios esperan a ser juzgados, el más antiguo desde hace %s s",
  "%s comment or post waits for a moderator, and there is none":
    "%s comentario o publicación espera a un moderador, y no hay ninguno",
  "%s comments and posts wait for a moderator, and there is none":
    "%s comentarios y publicaciones esperan a un moderador, y no hay ninguno",
  "%s comment or post has waited for a moderator for %s h":
    "%s comentario o publicación espera a un moderador desde hace %s h",
  "%s comments and posts wait for a moderator, the oldest for %s h":
    "%s comentarios y publicaciones esperan a un moderador, el más antiguo desde hace %s h",
  "have moderators work through list_reviews(), or add some to queues.moderators":
    "que los moderadores atiendan list_reviews(), o añade alguno a queues.moderators",
  "`%s` is not asked about flagged comments: %s": "no se pregunta a `%s` por los comentarios marcados: %s",
  "its comment no longer exists": "su comentario ya no existe",
  "its comment is not flagged any more": "su comentario ya no está marcado",

  // Alerts
  "no webhook is set": "no hay ningún webhook definido",
  "the secret `%s` is not whsec_ followed by base64": "el secreto `%s` no es whsec_ seguido de base64",
  "check queues.alert_settings.webhook_url": "revisa queues.alert_settings.webhook_url",
  "HTTP %s": "HTTP %s",
  "no answer in time": "sin respuesta a tiempo",
  "cannot be called: %s": "no se puede llamar: %s",

  // Messages
  "`%s` %s": "`%s` %s",
  "`%s` is missing": "falta `%s`",
  "`%s` must be %s, found %s": "`%s` debe ser %s, y es %s",
  '`%s` names an unknown type: "%s"': '`%s` nombra un tipo desconocido: "%s"',
  '`v` names an unknown version: "%s"': '`v` nombra una versión desconocida: "%s"',
  "the message must be an object, found %s": "el mensaje debe ser un objeto, y es %s",
  "the message has %s bytes; its queue allows %s": "el mensaje tiene %s bytes; su cola admite %s",
  "the message has more than %s %s": "el mensaje tiene más de %s %s",
  "levels of nesting": "niveles de anidamiento",
  fields: "campos",
  "an object": "un objeto",
  "an array": "un array",
  text: "texto",
  "a boolean": "un booleano",
  "a number": "un número",
  "a whole number": "un número entero",
  "invalid JSON": "JSON no válido",
  nothing: "nada",
  "is missing": "falta",
  "is null": "es null",
  "is empty": "está vacío",
  "is too long": "es demasiado largo",
  "is not a UUID": "no es un UUID",
  "is not a whole number": "no es un número entero",
  "is out of range": "está fuera de rango",
  "is not a timestamp with an offset (RFC 3339)": "no es una fecha y hora con desfase (RFC 3339)",
  "is too far in the past": "es demasiado antiguo",
  "is in the future": "está en el futuro",
  "is not a snake_case name": "no es un nombre en snake_case",
  "does not belong to the event type": "no corresponde al tipo de evento",
  "is not approved, flagged or rejected": "no es approved, flagged ni rejected",
  "its recipient no longer exists": "su destinatario ya no existe",
  "its notification or its recipient no longer exists": "su notificación o su destinatario ya no existe",
  "the quiet hours of the recipient have begun": "han empezado las horas de silencio del destinatario",
  "the delivery is too old: %s hours": "la entrega es demasiado antigua: %s horas",
  "the worker is shutting down": "el worker se está cerrando",
  "the lease or the run is about to end": "la reserva o la ejecución está por terminar",
  "the run is about to end": "la ejecución está por terminar",
  "%s ids are gone that no effect needs": "ya no existen %s ids que ningún efecto necesita",
  "its context: %s": "su contexto: %s",
  "its sender cancelled it": "su remitente lo canceló",
  "an operator withdrew the message": "un operador retiró el mensaje",
  "for all messages that wait: {}": "para todos los mensajes en espera: {}",
  "an operator changed the message": "un operador cambió el mensaje",
  "%s workers ended while they held this message": "%s workers terminaron mientras tenían este mensaje",
  "was dead letter %s: %s": "era la carta muerta %s: %s",
  "%s leases expired: their worker crashed or was too slow":
    "vencieron %s reservas: su worker se cayó o fue demasiado lento",

  // Claims and settlements
  "belongs to a run of queue `%s`": "pertenece a una ejecución de la cola `%s`",
  "use a run for one queue only": "usa una ejecución para una sola cola",
  "names a message twice": "nombra un mensaje dos veces",
  "give each message one outcome": "da a cada mensaje un solo resultado",
  "messages of queue `%s` cannot be acknowledged: %s (%s)":
    "los mensajes de la cola `%s` no se pueden confirmar: %s (%s)",
  "look for a constraint or a trigger of pgmq.a_%s that pgmq did not make":
    "busca una restricción o un trigger de pgmq.a_%s que no haya creado pgmq",
  "the context of this claim has %s bytes, more than the %s that a claim may have":
    "el contexto de esta toma tiene %s bytes, más de los %s que puede tener",
  "claim fewer messages": "toma menos mensajes",
  "of the accounts, %s no longer exist": "de las cuentas, %s ya no existen",
  "%s `%s`: there is no function `queues.%s(%s)`%s": "%s `%s`: no existe la función `queues.%s(%s)`%s",
  "%s that returns %s": "%s que devuelva %s",
  "create the function, or correct the row that names it": "crea la función, o corrige la fila que la nombra",

  // Settings
  "Retries before a failing message is dead-lettered.":
    "Reintentos antes de que un mensaje que falla pase a ser carta muerta.",
  "Leases that expire unsettled before a message is dead-lettered.":
    "Reservas que vencen sin cerrarse antes de que un mensaje pase a ser carta muerta.",
  "Larger bodies are withheld from a claim.": "Los contenidos mayores no se entregan en una toma.",
  "How long acknowledged messages stay in the archive. If null, they are deleted instead.":
    "Cuánto tiempo quedan en el archivo los mensajes confirmados. Si es null, se borran.",
  "How often the dispatcher looks at the backlog.": "Cada cuánto mira el despachador los mensajes en espera.",
  "The most concurrent runs.": "El máximo de ejecuciones simultáneas.",
  "Whether queues.wake calls the worker when a producer commits, at most once a second, instead of at the next tick.":
    "Si queues.wake llama al worker cuando un productor confirma, como mucho una vez por segundo, en lugar de en el próximo tick.",
  "The most concurrent requests to providers of one run.":
    "El máximo de peticiones simultáneas a proveedores en una ejecución.",
  "this setting needs a value": "este ajuste necesita un valor",
  "is neither true nor false": "no es true ni false",
  "JSON: true or false, without quotes": "JSON: true o false, sin comillas",
  "JSON: digits, without quotes": "JSON: cifras, sin comillas",
  "is not between %s and %s": "no está entre %s y %s",
  "omit it for the default": "omítelo para el valor por defecto",
  "the settings of queue `%s` were changed by somebody else meanwhile":
    "otra persona cambió entretanto los ajustes de la cola `%s`",
  "look at them again": "vuelve a mirarlos",
  "break the rule `%s`": "rompen la regla `%s`",
  "change the settings that belong together at once": "cambia a la vez los ajustes que van juntos",

  // Pages and actions
  "only operators may do this": "solo los operadores pueden hacer esto",
  "the owner adds operators to queues.operators": "el dueño añade operadores a queues.operators",
  "there is no queue `%s`": "no existe la cola `%s`",
  "insert its row into queues.settings first": "inserta antes su fila en queues.settings",
  "queues are the rows of queues.settings": "las colas son las filas de queues.settings",
  "there is no %s `%s`": "no existe %s `%s`",
  "the page `%s` waits for a lock of another transaction": "la página `%s` espera un bloqueo de otra transacción",
  "the action `%s` waits for a lock of another transaction: nothing was changed":
    "la acción `%s` espera un bloqueo de otra transacción: no se cambió nada",
  "queue `%s` is locked by another transaction: nothing was changed, %s again":
    "la cola `%s` está bloqueada por otra transacción: no se cambió nada, repite %s",
  "repeat the same call": "repite la misma llamada",
  "repeat the same call, at once if you like": "repite la misma llamada, enseguida si quieres",
  "is not valid": "no es válido",
  "a text that matches %s": "un texto que encaje con %s",
  "is not a number between %s and %s": "no es un número entre %s y %s",
  "is not a place in this list": "no es un lugar de esta lista",
  "pass the `next` of the previous page, or nothing for the first":
    "pasa el `next` de la página anterior, o nada para la primera",
  "is not an object": "no es un objeto",
  "is not an array": "no es un array",
  "leave the key out if there is nothing to list": "omite la clave si no hay nada que listar",
  "is not known": "no se conoce",
  "known keys: %s": "claves conocidas: %s",
  "known: %s": "conocidos: %s",
  "is missing or has a wrong type": "falta o tiene un tipo incorrecto",
  "its JSON must match %s": "su JSON debe encajar con %s",
  "docs/operate.md lists the arguments of each action": "docs/operate.md lista los argumentos de cada acción",
  "has more than %s bytes": "tiene más de %s bytes",
  "act on fewer messages at once": "actúa sobre menos mensajes a la vez",
  "has a wrong type": "tiene un tipo incorrecto",
  "needs `path`": "necesita `path`",
  'for example {"path": ["post_id"], "value": "…"}': 'por ejemplo {"path": ["post_id"], "value": "…"}',
  "is taken by redrives that last for more than a year": "lo ocupan reenvíos que duran más de un año",
  "choose a higher rate, or select queues.cancel_redrive(%s)":
    "elige un ritmo mayor, o select queues.cancel_redrive(%s)",
  "a message is JSON": "un mensaje es JSON",
  "a message is JSON: null itself is written 'null'": "un mensaje es JSON: el propio null se escribe 'null'",
  "a worker would not be given it": "no se entregaría a ningún worker",
  "does not have 1 to 200 characters": "no tiene entre 1 y 200 caracteres",
  "leave it out to send in any case": "omítelo para enviar en todo caso",
  "the key with which the message was sent": "la clave con la que se envió el mensaje",
  "the dead letter is not there any more: it was redriven or discarded":
    "la carta muerta ya no está: se reenvió o se descartó",
  "the dead letter is not there any more: %s by %s at %s": "la carta muerta ya no está: %s por %s el %s",
  redriven: "reenviada",
  discarded: "descartada",
  "an operator": "un operador",
  "look at the list again": "vuelve a ver la lista",
  "for all dead letters: {}": "para todas las cartas muertas: {}",
  "the id of the dead letter": "el id de la carta muerta",
  "do not have one of msg_id, text and correlation_id": "no tienen uno de msg_id, text y correlation_id",
  "text: the id of a post or a person, or what else a message contains":
    "text: el id de una publicación o de una persona, u otra cosa que contenga un mensaje",
  "there is no message %s in `%s` of queue `%s`": "no hay ningún mensaje %s en `%s` de la cola `%s`",
  "it may have moved on: search for its id": "puede haber avanzado: busca su id",
};
