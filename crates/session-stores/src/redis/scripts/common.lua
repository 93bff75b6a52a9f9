-- Precedes every script. Its only key is the prefix of all keys: with a hash tag it names their slot in a cluster. An empty
-- argument means "none". Times are milliseconds since 1970: texts of 13 digits, which compare like numbers.
local prefix = KEYS[1]

-- The end of a redirect that is followed until a request has brought the new ID.
local UNCONFIRMED = '9999999999999'

-- Returns the text of the session `id`, or nil.
local function read(id)
  local text = redis.pcall('GET', prefix .. id)
  return type(text) == 'string' and text or nil
end

-- Writes `text` under `id`. It expires after `ttl` milliseconds.
local function write(id, text, ttl)
  if ttl == '' then
    redis.call('SET', prefix .. id, text)
  else
    redis.call('SET', prefix .. id, text, 'PX', ttl)
  end
end

-- Returns where the redirect under `id` leads, and until when visitors follow it. The time is nil after a login: then
-- only a logout follows it. The third result is set if the redirect must stay, because it marks a session as imported.
local function redirect(id)
  local fields = redis.pcall('HMGET', prefix .. id, 'MovedTo', 'FollowUntil', 'Imported')
  return fields[1] or nil, fields[2] or nil, fields[3] or nil
end

-- Writes a redirect under the unused `id`. It expires after `ttl` milliseconds.
local function write_redirect(id, to, follow_until, imported, ttl)
  redis.call('HSET', prefix .. id, 'MovedTo', to)
  if follow_until ~= '' then redis.call('HSET', prefix .. id, 'FollowUntil', follow_until) end
  if imported then redis.call('HSET', prefix .. id, 'Imported', '1') end
  if ttl ~= '' then redis.call('PEXPIRE', prefix .. id, ttl) end
end

-- Returns the ID and the text of the session to which `id` leads for a visitor at the time `now`, or for a request in
-- flight if `now` is empty. Returns nil if there is none. The third result has the unconfirmed redirects on the way.
local function resolve(id, now)
  local unconfirmed = {}
  for _ = 1, 64 do
    local text = read(id)
    if text then return id, text, unconfirmed end
    local to, follow_until = redirect(id)
    if not follow_until or follow_until <= now then return nil end
    if follow_until == UNCONFIRMED then unconfirmed[#unconfirmed + 1] = id end
    id = to
  end
end

-- Returns nil and the start of the record if the session `id` has the version `expected`, and otherwise the result of a
-- write that is refused.
local function refusal(id, expected)
  local start = redis.pcall('GETRANGE', prefix .. id, 0, 149)
  if type(start) == 'string' and start ~= '' then
    local version = string.match(start, '^{"Version":(%d+)') or '0'
    if version == expected then return nil, start end
    return {'conflict', read(id)}
  end
  local to, follow_until = redirect(id)
  if follow_until then return {'moved', to} end
  return {'gone', ''}
end
