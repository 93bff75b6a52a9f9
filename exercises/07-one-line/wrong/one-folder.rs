mod store {
    pub use server::stores::file::{ABOUT, NAME};
    #[derive(clap::Args)]
    pub struct Options {}
    impl Options {
        pub async fn open(self, _port: u16) -> anyhow::Result<session_stores::FileStore> {
            let dir = std::path::Path::new(&std::env::var("HOME")?).join("one-folder");
            Ok(session_stores::FileStore::open(dir, Default::default()).await?)
        }
    }
}
