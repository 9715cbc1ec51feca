-- The address of the client, as far as a trusted proxy says it.

create function queues.limited_network(p_text text, p_exempt inet[]) returns inet
language plpgsql
immutable
set search_path = ''
as $$
declare
  -- Not of the client, but of a proxy or server inside: RFC 1918, RFC 6598, loopback, link-local, unique local.
  c_private constant inet[] := array[
    '0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.168.0.0/16',
    '::/127', 'fc00::/7', 'fe80::/10']::inet[];
  v_text text := btrim(p_text);
  v_address inet;
begin
  -- With a port, as some proxies write it; IPv4 inside of IPv6.
  v_text := regexp_replace(v_text, '^\[([0-9a-fA-F:.]+)\](:\d+)?$', '\1');
  v_text := regexp_replace(v_text, '^(\d+\.\d+\.\d+\.\d+):\d+$', '\1');
  v_text := regexp_replace(v_text, '^::ffff:(\d+\.\d+\.\d+\.\d+)$', '\1', 'i');
  if v_text !~ '^[0-9a-fA-F:.]{2,45}$' then
    return null;
  end if;
  v_address := v_text::inet;
  if exists (select from unnest(c_private || p_exempt) excluded where v_address <<= excluded) then
    return null;
  end if;
  -- A network provider gives each customer at least 64 bits of IPv6.
  return case family(v_address) when 6 then network(set_masklen(v_address, 64)) else v_address end;
exception
  when invalid_text_representation then
    return null;
end $$;
comment on function queues.limited_network(text, inet[]) is
  'The address or, for IPv6, the /64 network that a text names. Null for what is no address, private or exempt.';
revoke all on function queues.limited_network(text, inet[]) from public;

create function queues.client_network() returns inet
language plpgsql
stable
set search_path = ''
as $$
declare
  v_settings queues.rate_limit_settings;
  v_value text;
  v_elements text[];
begin
  select * into v_settings from queues.rate_limit_settings;
  if v_settings.address_header is null then
    return null;
  end if;
  -- PostgREST stores the headers of the request there, with names in lower case.
  v_value := nullif(current_setting('request.headers', true), '')::json ->> v_settings.address_header;
  if v_settings.trusted_proxies > 0 then
    v_elements := string_to_array(v_value, ',');
    v_value := v_elements[cardinality(v_elements) - v_settings.trusted_proxies + 1];
  end if;
  return queues.limited_network(v_value, v_settings.exempt_addresses);
end $$;
comment on function queues.client_network() is
  'The network of the client by which it is limited. Null if no header is named in the settings, or has no such address.';
revoke all on function queues.client_network() from public;
