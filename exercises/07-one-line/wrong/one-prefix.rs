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
            let mut options: session_stores::redis::Options = self.all.into();
            options.prefix = "shop:".to_owned();
            Ok(session_stores::RedisStore::connect(options).await?)
        }
    }
}
