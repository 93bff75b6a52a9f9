/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Default, Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
    clicks: Vec<String>,
}

/// Puts one item into the basket.
async fn add(request: HttpRequest, store: Data<RedisStore>, item: web::Path<String>) -> Result<impl Responder> {
    let (id, click) = (session_id(&request)?, click_id(&request)?);
    let first = std::cell::Cell::new(true);
    let put = |session: &mut Session| {
        if session.clicks.contains(&click) { return; }
        if first.replace(false) { *session.basket.entry(item.clone()).or_default() += 1; }
        session.clicks.push(click.clone());
        let surplus = session.clicks.len().saturating_sub(20);
        session.clicks.drain(..surplus);
    };
    let changed = store.change(&id, put).await.map_err(unavailable)?;
    Ok(list(&changed.ok_or_else(logged_out)?))
}
