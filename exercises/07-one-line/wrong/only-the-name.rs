mod store {
    pub use session_stores::file::{ABOUT, Options};
    pub const NAME: &str = "redis";
}
