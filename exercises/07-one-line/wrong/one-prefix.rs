mod store {
    pub use server::stores::redis::{ABOUT, NAME};
    #[derive(clap::Args)]
    #[group(skip)]
    pub struct Options {
        #[command(flatten)]
        all: server::stores::redis::Options,
    }
    impl Options {
        pub async fn open(self, _port: u16) -> anyhow::Result<session_stores::RedisStore> {
            let prefix = "shop:".to_owned();
            let options = session_stores::redis::Options { prefix, ..self.all.into() };
            Ok(session_stores::RedisStore::connect(options).await?)
        }
    }
}
