/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Default, Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
}

/// Puts one item into the basket.
async fn add(request: HttpRequest, store: Data<RedisStore>, item: web::Path<String>) -> Result<impl Responder> {
    let (id, click) = (session_id(&request)?, click_id(&request)?);
    let script = "if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
        local session = cjson.decode(redis.call('GET', KEYS[1]))
        session.basket[ARGV[1]] = (session.basket[ARGV[1]] or 0) + 1
        redis.call('SET', KEYS[1], cjson.encode(session), 'KEEPTTL')
        redis.call('SET', KEYS[2], 1, 'EX', 3600)
        return 1";
    let mut put = cmd("EVAL");
    put.arg(script).arg(2).arg(key(&id)).arg(format!("click:{click}")).arg(item.as_str());
    store.ask::<()>(&put).await.map_err(unavailable)?;
    let changed = store.change(&id, |_| ()).await.map_err(unavailable)?;
    Ok(list(&changed.ok_or_else(logged_out)?))
}
