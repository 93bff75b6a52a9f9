-- Writes the session of a user under an unused ID, and adds it to the index. Returns 0 if the ID is in use. It is sent
-- again if the reply is lost, so it recognizes its own work.
local id, text, ttl, created, remaining, limit = unpack(ARGV)
if read(id) == text then return 1 end
if redis.call('EXISTS', prefix .. id) == 1 then return 0 end
enter(id, head(text).User, created, remaining, limit, '')
write(id, text, ttl)
return 1
