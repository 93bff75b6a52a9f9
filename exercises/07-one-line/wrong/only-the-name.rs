mod store {
    pub use server::stores::file::{ABOUT, Options};
    pub const NAME: &str = "redis";
}
