-- Replaces a session that still has the version that was read. Returns nothing, or why it has not replaced it.
local id, text, ttl, expected = unpack(ARGV)
local refused, start = refusal(id, expected)
if refused then return refused end
-- The previous ID stays until a request has brought the new one. The request that has rotated the ID does not know it,
-- and may write again. A record of nearly the maximum size has no room for it.
local version_and_id = '^({"Version":%d+,"ID":"[%x-]+",)'
local _, previous
if string.find(start, '"PreviousID"', 1, true) then
  _, previous = string.match(start, version_and_id .. '("PreviousID":"[%x-]+",)')
end
if previous and not string.match(text, version_and_id .. '"PreviousID":') and #text < 65000 then
  text = string.gsub(text, version_and_id, '%1' .. previous)
end
write(id, text, ttl)
return false
