-- Replaces a session by another one with a new ID, and leaves a redirect under the old ID. Without a version it imports
-- a session, whose ID must be unused. If that comes from the key `source`, it moves the session, so the key must exist.
-- It deletes that key and the old ID at the end: Redis undoes nothing if the script fails.
-- It is sent again if the reply is lost, so it recognizes its own work. Returns nothing, or why it has not replaced the
-- session.
local id, text, ttl, created, remaining, limit, old, expected, follows, redirect_ttl, source = unpack(ARGV)
local to, followed = redirect(old)
if to == id then return false end
local from, imported = {}, expected == ''
if not imported then
  local refused = refusal(old, expected)
  if refused then return refused end
  from = head(read(old))
elseif followed then
  return {'moved', to}
elseif redis.call('EXISTS', prefix .. old) == 1 then
  return {'gone', ''}
elseif source ~= '' and redis.call('EXISTS', source) == 0 then
  return {'gone', ''}
end

local into = head(text)
if into.User then enter(id, into.User, created, remaining, limit, old) end
if from.User and from.User ~= into.User then leave(from.User, old) end
write(id, text, ttl)
redis.call('DEL', prefix .. old)
if source ~= '' then redis.call('DEL', source) end
write_redirect(old, id, follows == '1' and UNCONFIRMED or '', imported, redirect_ttl)
return false
