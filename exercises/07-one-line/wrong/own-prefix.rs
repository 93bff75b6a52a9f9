mod store {
    pub use session_stores::redis::{ABOUT, NAME};
    #[derive(clap::Args)]
    #[group(skip)]
    pub struct Options {
        #[command(flatten)]
        all: session_stores::redis::Options,
    }
    impl Options {
        pub async fn open(mut self, port: u16) -> anyhow::Result<session_stores::RedisStore> {
            self.all.session_prefix = format!("{port}:");
            Ok(self.all.open(port).await?)
        }
    }
}
