//! Pages for people, and what programs ask about the server itself.

mod health;

pub use health::{Health, router as health_router};
