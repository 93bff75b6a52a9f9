//! The URLs of Redis: TLS, users and sockets. The store, the messages and the viewer accept the same ones.

use std::fs;

use anyhow::{Context, Result};
use testkit::{Demo, Instance, Persistence, Port, Redis, TestEnv, Visitor};

use crate::common::run;

/// A Redis that accepts TLS and connections to a socket. It has a user with a password besides the default one.
struct Site {
    env: TestEnv,
    redis: Redis,
    tls_port: Port,
}

impl Site {
    async fn start() -> Result<Self> {
        let (env, tls_port) = (TestEnv::new()?, Port::claim()?);
        let certified = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let [certificate, key, socket] =
            ["cert.pem", "key.pem", "socket"].map(|name| path(&env, name));
        let (certificate, key, socket) = (certificate?, key?, socket?);
        fs::write(&certificate, certified.cert.pem())?;
        fs::write(&key, certified.signing_key.serialize_pem())?;
        let number = tls_port.number().to_string();
        #[rustfmt::skip]
        let arguments = [
            "--tls-port", &number, "--tls-cert-file", &certificate, "--tls-key-file", &key,
            "--tls-auth-clients", "no", "--unixsocket", &socket,
        ];
        let redis = Redis::start_with(&env, Persistence::None, None, &arguments).await?;
        redis.cli(&["ACL", "SETUSER", "app", "on", ">p@ss", "~*", "&*", "+@all"])?;
        Ok(Self {
            env,
            redis,
            tls_port,
        })
    }

    fn tls_address(&self) -> String {
        format!("127.0.0.1:{}", self.tls_port.number())
    }
}

/// Returns the path of the file `name` in the folder of `env`.
fn path(env: &TestEnv, name: &str) -> Result<String> {
    let path = env.path().join(name);
    path.to_str().map(str::to_owned).context("not UTF-8")
}

#[actix_web::test]
async fn store_messages_and_viewer_accept_each_url() -> Result<()> {
    let site = Site::start().await?;
    let (address, tls, certificate) = (
        site.redis.address(),
        site.tls_address(),
        path(&site.env, "cert.pem")?,
    );
    let socket = path(&site.env, "socket")?;
    for (number, (url, trust)) in [
        (
            format!("redis://app:p%40ss@{address}"),
            ("REDIS_CA_FILE", ""),
        ),
        (
            format!("rediss://{tls}/1"),
            ("REDIS_CA_FILE", &*certificate),
        ),
        (
            format!("rediss://app:p%40ss@{tls}"),
            ("SSL_CERT_FILE", &*certificate),
        ),
        (format!("redis+unix://{socket}?db=2"), ("REDIS_CA_FILE", "")),
        (
            format!("unix://{socket}?user=app&pass=p%40ss"),
            ("REDIS_CA_FILE", ""),
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let prefix = format!("case-{number}:");
        let settings = [
            ("REDIS_URL", &*url),
            ("REDIS_TIMEOUT", "10s"),
            ("SESSION_PREFIX", &prefix),
            trust,
        ];
        let counter = Instance::started(&site.env, Demo::Redis, "redis-1", &settings).await?;
        let mut visitor = Visitor::new();
        for count in 0..2 {
            let seen = visitor.get(&counter.endpoint(), "/").await?;
            assert_eq!(seen.count(), Some(count), "{url}");
        }

        let login = Instance::started(&site.env, Demo::Login, "webserver-1", &settings).await?;
        let (endpoint, mut alice) = (login.endpoint(), Visitor::new());
        alice
            .post_json(&endpoint, "/login", r#"{"userId":"alice"}"#)
            .await?;
        let sent = alice
            .post_json(&endpoint, "/message", r#"{"message":"hi"}"#)
            .await?;
        assert_eq!(sent.body, r#"{"instances":1}"#, "{url}");

        let viewer = Instance::viewer(&site.env, &settings).await?;
        let page = Visitor::new().get(&viewer.endpoint(), "/").await?;
        assert!(page.body.contains("alice"), "{url}: {}", page.body);
    }
    Ok(())
}

#[actix_web::test]
async fn a_url_that_cannot_work_is_refused_at_the_start() -> Result<()> {
    let site = Site::start().await?;
    let (plain, tls) = (site.redis.address(), site.tls_address());
    let [certificate, key, missing] =
        ["cert.pem", "key.pem", "missing"].map(|name| path(&site.env, name));
    let (certificate, key, missing) = (certificate?, key?, missing?);
    let no_ca = ("REDIS_CA_FILE", "");
    let ca = ("REDIS_CA_FILE", &*certificate);
    for (url, ca_file, parts) in [
        // Neither the system nor a file of ours vouches for the certificate.
        (
            format!("rediss://:hidden@{tls}"),
            no_ca,
            &[&*tls, "UnknownIssuer"][..],
        ),
        // Another name than the certificate has.
        (
            format!("rediss://localhost:{}", site.tls_port.number()),
            ca,
            &["not valid for name"],
        ),
        (format!("rediss://{plain}"), ca, &[&plain, "did not answer"]),
        (format!("redis://{tls}"), no_ca, &[&*tls]),
        (
            format!("rediss://:hidden@{tls}/#insecure"),
            no_ca,
            &["rediss://…@", "always checked", "REDIS_URL"],
        ),
        (
            format!("rediss://{tls}"),
            ("REDIS_CA_FILE", &*missing),
            &[&*missing, "not found", "--redis-ca-file"],
        ),
        (
            format!("rediss://{tls}"),
            ("REDIS_CA_FILE", &*key),
            &[&*key, "no certificate", "REDIS_CA_FILE"],
        ),
        (
            format!("redis://{plain}"),
            ca,
            &[&*certificate, "only a URL that begins with rediss://"],
        ),
        (
            format!("unix://{missing}"),
            no_ca,
            &[&*missing, "cannot reach"],
        ),
        (
            "unix:hidden".to_owned(),
            no_ca,
            &["… is not a Redis URL", "redis+unix:///path", "--redis-url"],
        ),
        (
            "http://:hidden@127.0.0.1".to_owned(),
            no_ca,
            &["http://…@127.0.0.1 is not", "rediss://"],
        ),
        (
            format!("redis://app:hidden@{plain}"),
            no_ca,
            &[&*plain, "refused the password in REDIS_URL"],
        ),
        (
            "redis://127.0.0.1:1".to_owned(),
            no_ca,
            &["127.0.0.1:1", "`redis-server`", "--redis-url or REDIS_URL"],
        ),
    ] {
        for demo in [Demo::Redis, Demo::Login] {
            let ended = run(demo, &["--port=0"], &[("REDIS_URL", &url), ca_file]).await?;
            ended.assert_failed(1, parts);
            assert!(!ended.output.contains("hidden"), "{}", ended.output);
        }
    }
    Ok(())
}
