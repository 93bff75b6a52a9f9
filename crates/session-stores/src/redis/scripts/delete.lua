-- Ends the session to which an ID leads, even for requests that may not use it any more, and leaves nothing of it. With
-- a tombstone, the ID comes from a cookie: a redirect to the tombstone's unused ID keeps it from being imported. With a
-- source, the session may not be imported yet, and that key goes as well.
local first, tombstone, ttl, source = unpack(ARGV)
if source then redis.call('DEL', source) end
if tombstone ~= '' and redis.call('EXISTS', prefix .. first) == 0 then
  write_redirect(first, tombstone, '', true, ttl)
  return 1
end
local id = first
for _ = 1, 64 do
  local text = read(id)
  if text then
    finish(id, text)
    break
  end
  local to, _, imported = redirect(id)
  if not imported and (tombstone == '' or id ~= first) then redis.call('DEL', prefix .. id) end
  if not to then break end
  id = to
end
return 1
