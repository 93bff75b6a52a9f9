-- Returns the ID and the text of the session to which the ID leads, and renews its idle timeout. Returns an empty list
-- if nothing is stored under the ID, and false if what is stored leads nowhere.
local first, now, idle, in_flight = unpack(ARGV)
local id, text, unconfirmed = resolve(first, now)
if not id then
  if redis.call('EXISTS', prefix .. first) == 0 then return {} end
  return false
end
if idle ~= '' then
  redis.call('PEXPIRE', prefix .. id, idle)
  for _, old in ipairs(unconfirmed) do redis.call('PEXPIRE', prefix .. old, idle + in_flight) end
end
return {id, text}
