//! Pages for people, and what programs ask about the server itself.

pub mod assets;
pub mod demo;
pub mod docs;
mod health;
mod links;
mod nowhere;
mod pages;
mod same_site;
mod writable;

pub use health::{Health, router as health_router};
pub use links::router as links_router;
pub use nowhere::router as nowhere_router;
pub use pages::Pages;
pub use writable::{Watched, Writable};
