/// A session: the user, and how many of each item are in the basket. Redis has it as JSON.
#[derive(Default, Serialize, Deserialize)]
struct Session {
    user: String,
    basket: BTreeMap<String, u64>,
}

/// Puts one item into the basket.
async fn add(request: HttpRequest, store: Data<RedisStore>, item: web::Path<String>) -> Result<impl Responder> {
    let (id, click) = (session_id(&request)?, click_id(&request)?);
    let remembered = format!("click:{id}:{click}");
    let is_done: bool = store.ask(cmd("EXISTS").arg(&remembered)).await.map_err(unavailable)?;
    let put = |session: &mut Session| {
        if !is_done {
            *session.basket.entry(item.clone()).or_default() += 1;
        }
    };
    let changed = store.change(&id, put).await.map_err(unavailable)?;
    let mut remember = cmd("SET");
    remember.arg(&remembered).arg(1).arg("EX").arg(3600);
    store.ask::<()>(&remember).await.map_err(unavailable)?;
    Ok(list(&changed.ok_or_else(logged_out)?))
}
