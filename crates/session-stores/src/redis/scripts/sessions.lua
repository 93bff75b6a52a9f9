-- Returns ID, text and TTL of each of a user's sessions that is wanted. Ends them if asked to. `own` is the session that
-- asks, if any. If the index does not have it, or if all others should end and some may be missing, then it returns false
-- and ends nothing.
local user, own, wanted, handle, ends = unpack(ARGV)
local index, guard = index_of(user)
if own ~= '' then
  own = resolve(own, '')
  if not own or not redis.call('ZSCORE', index, own) then return false end
end
if wanted == 'others' and incomplete_for(guard) > 0 then return false end

local found = {}
for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
  local text = read(id)
  if not text then
    leave(user, id)
  elseif wanted == 'all' or wanted == 'others' and id ~= own or wanted == 'one' and head(text).Handle == handle then
    found[#found + 1] = {id, text, redis.call('PTTL', prefix .. id)}
    if ends == '1' then finish(id, text) end
  end
end
return found
