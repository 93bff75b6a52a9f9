-- Removes the previous ID from the record of a session, because a request has brought the new ID. The redirect from the
-- previous ID now ends at a time, and its key after some milliseconds. A redirect of an imported session keeps its key.
local id, previous, follow_until, ttl = unpack(ARGV)
local shorter, found =
  string.gsub(read(id) or '', '^({"Version":%d+,"ID":"[%x-]+",)"PreviousID":"[%x-]+",', '%1')
if found == 1 then redis.call('SET', prefix .. id, shorter, 'KEEPTTL') end
local to, before, imported = redirect(previous)
if to == id and before == UNCONFIRMED then
  redis.call('HSET', prefix .. previous, 'FollowUntil', follow_until)
  if not imported then redis.call('PEXPIRE', prefix .. previous, ttl) end
end
return 1
