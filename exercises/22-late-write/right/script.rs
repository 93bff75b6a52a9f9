/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Default, Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
}

/// Puts one item into the basket.
async fn add(request: HttpRequest, store: Data<RedisStore>, item: web::Path<String>) -> Result<impl Responder> {
    let (id, click) = (session_id(&request)?, click_id(&request)?);
    let script = "local json = redis.call('GET', KEYS[1])
        if not json then return 0 end
        if not redis.call('LPOS', KEYS[2], ARGV[3]) then
            local session = cjson.decode(json)
            session.basket[ARGV[1]] = (session.basket[ARGV[1]] or 0) + 1
            redis.call('SET', KEYS[1], cjson.encode(session), 'EX', ARGV[2])
            redis.call('LPUSH', KEYS[2], ARGV[3])
            redis.call('LTRIM', KEYS[2], 0, 19)
            redis.call('EXPIRE', KEYS[2], ARGV[2])
        end
        return 1";
    let mut put = cmd("EVAL");
    put.arg(script).arg(2).arg(key(&id)).arg(format!("clicks:{id}"));
    put.arg(item.as_str()).arg(store.idle_timeout.as_secs()).arg(click);
    if !store.ask::<bool>(&put).await.map_err(unavailable)? {
        return Err(logged_out());
    }
    let json = store.get(&id).await.map_err(unavailable)?.ok_or_else(logged_out)?;
    Ok(list(&serde_json::from_str(&json)?))
}
