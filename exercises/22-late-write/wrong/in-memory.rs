/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Default, Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
}

/// Puts one item into the basket.
async fn add(request: HttpRequest, store: Data<RedisStore>, item: web::Path<String>) -> Result<impl Responder> {
    let (id, click) = (session_id(&request)?, click_id(&request)?);
    static DONE: std::sync::Mutex<Vec<(String, String)>> = std::sync::Mutex::new(Vec::new());
    let this = (id.clone(), click);
    let put = |session: &mut Session| {
        let mut done = DONE.lock().unwrap();
        if !done.contains(&this) {
            *session.basket.entry(item.clone()).or_default() += 1;
            done.push(this.clone());
        }
    };
    let changed = store.change(&id, put).await.map_err(unavailable)?;
    Ok(list(&changed.ok_or_else(logged_out)?))
}
