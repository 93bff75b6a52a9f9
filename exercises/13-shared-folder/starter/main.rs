//! Exercise 13: demo-file in small. Several instances keep their sessions in one folder.

use std::{
    env, fs,
    io::{self, Read},
    net::TcpStream,
    path::PathBuf,
    sync::Arc,
};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    cookie::{Cookie, CookieJar, Key},
    error::ErrorInternalServerError,
    http::StatusCode,
    web::{self, Data},
};
use serde::{Deserialize, Serialize};
use server::{Server, Settings, health_checks, plain_text};
use uuid::Uuid;

#[derive(Default, Serialize, Deserialize)]
struct Session {
    visits: u64,
}

/// Keeps each session in a file `<id>.json` of this folder, which other processes use too.
struct Folder(PathBuf);

impl Folder {
    // --- YOUR TURN
    /// Lets `change` change the session with this ID, and returns the session with the change.
    ///
    /// `change` may take a while. Meanwhile other threads and other processes call this function.
    fn change(&self, id: Uuid, change: impl FnOnce(&mut Session)) -> io::Result<Session> {
        // TODO: a change must start from the session that the change before it has written.
        let mut session = self.read(id)?;
        change(&mut session);
        self.write(id, &session)?;
        Ok(session)
    }

    /// Ends the session with this ID.
    fn end(&self, id: Uuid) -> io::Result<()> {
        // TODO: a change that has begun before must not bring the session back.
        self.remove(id)
    }
    // --- UNTIL HERE

    fn path(&self, id: Uuid) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }

    /// Returns the session with this ID, or an empty one if it has no file.
    fn read(&self, id: Uuid) -> io::Result<Session> {
        match fs::read(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Session::default()),
            json => Ok(serde_json::from_slice(&json?)?),
        }
    }

    /// Puts a new file in the place of the session's file, in one step.
    fn write(&self, id: Uuid, session: &Session) -> io::Result<()> {
        let new = tempfile::NamedTempFile::new_in(&self.0)?;
        serde_json::to_writer(&new, session)?;
        new.persist(self.path(id))?;
        Ok(())
    }

    fn remove(&self, id: Uuid) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

struct App {
    folder: Arc<Folder>,
    /// A server that each change asks for a price. Without one, a change takes no time.
    price_server: Option<String>,
    /// Signs the cookies.
    key: Key,
}

impl App {
    /// Runs `work` on a thread for blocking work, so that the other requests go on.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Folder) -> io::Result<T> + Send + 'static,
    ) -> Result<T> {
        let folder = self.folder.clone();
        let result = web::block(move || work(&folder)).await?;
        result.map_err(|error| {
            log::error!("{error}");
            ErrorInternalServerError("the session is not available")
        })
    }

    /// Returns the session ID in the visitor's cookie, if there is one with the right signature.
    fn session_id(&self, request: &HttpRequest) -> Option<Uuid> {
        let mut jar = CookieJar::new();
        jar.add_original(request.cookie("sessionID")?);
        jar.signed(&self.key).get("sessionID")?.value().parse().ok()
    }
}

/// Connects to `server` and waits until that has closed the connection.
fn ask(server: &str) -> io::Result<()> {
    TcpStream::connect(server)?.read_to_end(&mut Vec::new())?;
    Ok(())
}

/// Counts a visit. Answers `Hello World #N`, where N is the number of earlier visits.
async fn hello(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    let id = app.session_id(&request).unwrap_or_else(Uuid::new_v4);
    let price_server = app.price_server.clone();
    let count = move |session: &mut Session| {
        price_server.as_deref().map(ask);
        session.visits += 1;
    };
    let session = app.run(move |folder| folder.change(id, count)).await?;
    let text = format!("Hello World #{}", session.visits - 1);
    let mut response = plain_text(StatusCode::OK, &text);
    let cookie = Cookie::build("sessionID", id.to_string()).path("/");
    let mut jar = CookieJar::new();
    jar.signed_mut(&app.key).add(cookie.finish());
    for signed in jar.delta() {
        response.add_cookie(signed)?;
    }
    Ok(response)
}

async fn logout(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if let Some(id) = app.session_id(&request) {
        app.run(move |folder| folder.end(id)).await?;
    }
    Ok(plain_text(StatusCode::OK, "logged out"))
}

#[actix_web::main]
async fn main() {
    server::run_to_end(async {
        let folder = env::var_os("SESSION_DIR").unwrap_or_else(|| ".workshop/shared-folder".into());
        fs::create_dir_all(&folder)?;
        let server = Server::bind(Settings::from_env())?;
        let app = Data::new(App {
            folder: Arc::new(Folder(folder.into())),
            price_server: env::var("PRICE_SERVER").ok(),
            key: server.cookie().key,
        });
        let routes = move |config: &mut web::ServiceConfig| {
            health_checks(config);
            config
                .app_data(app.clone())
                .route("/", web::get().to(hello))
                .route("/logout", web::post().to(logout));
        };
        Ok(server
            .serve_routes("file", routes, plain_text, || ())
            .await?)
    })
    .await;
}
