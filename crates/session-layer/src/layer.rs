//! The layer and its settings.

use std::{rc::Rc, sync::Arc, time::Duration};

use actix_web::{HttpResponse, http::StatusCode};
use session_stores::Store;

use crate::{Counters, KeyRing};

/// The layer between an actix-web application and the store of its sessions. Its [`middleware`](Self::middleware) gives
/// each request its [`Session`](crate::Session).
///
/// Create one for each worker. All resources that its middleware wraps share the store and its connection.
pub struct SessionLayer<S>(pub(crate) Rc<Config<S>>);

pub(crate) struct Config<S> {
    /// It is not an `Rc`, because `web::Data` holds an `Arc`.
    pub(crate) store: Arc<S>,
    pub(crate) keys: KeyRing,
    pub(crate) options: Options,
}

impl<S: Store> SessionLayer<S> {
    /// Creates a layer over `store`, whose cookies are signed with `keys`, with the default [`Options`].
    pub fn new(store: S, keys: KeyRing) -> Self {
        Self::with_options(store, keys, Options::default())
    }

    /// Creates a layer with `options`.
    ///
    /// # Panics
    /// Panics if browsers would reject the cookie, because of its name or because the name needs other options. The
    /// server then ends at its start, with the reason.
    pub fn with_options(store: S, keys: KeyRing, options: Options) -> Self {
        options.check_cookie();
        Self(Rc::new(Config {
            store: Arc::new(store),
            keys,
            options,
        }))
    }

    /// Returns the store of this layer, for handlers that call it themselves; see [`Session::wait`](crate::Session::wait).
    ///
    /// ```
    /// # use actix_web::{App, web};
    /// # use session_layer::{KeyRing, SessionLayer};
    /// # use session_stores::{MemoryStore, Timeouts};
    /// # let store = MemoryStore::new(Timeouts::default());
    /// # let keys = KeyRing::from_secret("read this secret of 32 bytes from the environment")?;
    /// let layer = SessionLayer::new(store, keys);
    /// // Its handlers may take a `web::Data<MemoryStore>`.
    /// let app = App::new()
    ///     .app_data(web::Data::from(layer.store()))
    ///     .wrap(layer.middleware());
    /// # let _ = app;
    /// # Ok::<(), session_layer::ShortSecret>(())
    /// ```
    pub fn store(&self) -> Arc<S> {
        Arc::clone(&self.0.store)
    }
}

/// The settings of a [`SessionLayer`]. Give each worker a clone; all clones share the counters.
///
/// ```
/// let mut options = session_layer::Options::default();
/// options.cookie_name = "__Host-sessionID".to_owned();
/// options.rotate_after = None;
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Options {
    /// The name of the cookie. The default is `sessionID`. A name that begins with `__Host-` protects it from other
    /// subdomains (RFC 6265bis, section 4.1.3.2). Such a cookie must be `cookie_secure` and have no `cookie_domain`.
    pub cookie_name: String,
    /// The name of the cookie of actix-session, `id` by default there, whose sessions
    /// [`RedisStore`](https://docs.rs/session-stores/latest/session_stores/struct.RedisStore.html) imports. The
    /// default, `None`, ignores such cookies. A key in the [`KeyRing`] must have signed or encrypted the cookie.
    ///
    /// The store must have the option `import_actix_sessions`. A visitor whose session is imported gets a cookie of
    /// this layer, which removes the old one if its path is `/` and its domain is `cookie_domain`.
    pub import_cookie_name: Option<String>,
    /// The domain whose subdomains share the cookie. By default the cookie belongs to one host.
    pub cookie_domain: Option<String>,
    /// Whether browsers send the cookie over HTTPS only. The default is true.
    pub cookie_secure: bool,
    /// How long a browser keeps the cookie after the last response. By default the browser deletes the cookie when the
    /// user closes it. The store decides when a session expires; this only limits how long old cookies stay in
    /// browsers.
    pub cookie_max_age: Option<Duration>,
    /// The age at which a session gets a new ID, so that a copied cookie stops working soon after that. The default is
    /// 15 minutes; `None` means never. The layer treats the old ID as [`session_stores::OldId::Redirects`] describes.
    pub rotate_after: Option<Duration>,
    /// Builds the responses for errors of the store, from a status and a text that the client may see. The default is
    /// one line of text.
    pub error_response: fn(StatusCode, &str) -> HttpResponse,
    /// The counters of the layer.
    pub counters: Arc<Counters>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            cookie_name: "sessionID".to_owned(),
            import_cookie_name: None,
            cookie_domain: None,
            cookie_secure: true,
            cookie_max_age: None,
            rotate_after: Some(Duration::from_secs(15 * 60)),
            error_response: plain_text,
            counters: Arc::default(),
        }
    }
}

impl Options {
    /// Panics if browsers would reject the cookie (RFC 6265bis, sections 4.1.1 and 4.1.3).
    fn check_cookie(&self) {
        let name = &self.cookie_name;
        let is_token = |byte: u8| {
            let separators = b"()<>@,;:\\\"/[]?={}";
            byte.is_ascii_graphic() && !separators.contains(&byte)
        };
        assert!(
            !name.is_empty() && name.bytes().all(is_token),
            "no cookie can have the name {name:?} of Options::cookie_name; use letters, digits, - and _"
        );
        let begins_with = |prefix: &str| {
            let start = name.get(..prefix.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        };
        let must_be_secure = begins_with("__Host-") || begins_with("__Secure-");
        assert!(
            self.cookie_secure || !must_be_secure,
            "browsers reject the cookie {name} while Options::cookie_secure is false; use another name"
        );
        assert!(
            self.cookie_domain.is_none() || !begins_with("__Host-"),
            "browsers reject the cookie {name} with an Options::cookie_domain; use another name or no domain"
        );
    }
}

/// Answers with one line of text.
pub(crate) fn plain_text(status: StatusCode, text: &str) -> HttpResponse {
    HttpResponse::build(status)
        .content_type("text/plain; charset=utf-8")
        .body(format!("{text}\n"))
}
