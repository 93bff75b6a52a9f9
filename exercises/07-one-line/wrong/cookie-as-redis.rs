mod store {
    pub use server::stores::cookie::{ABOUT, Options};
    pub const NAME: &str = "redis";
}
