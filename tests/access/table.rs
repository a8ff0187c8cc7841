//! Every route of the API, and who may call it.

use std::collections::BTreeSet;

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever comes.
    Anybody,
    /// Whoever is signed in, about their own affairs.
    Person,
    /// Whoever has this scope, by token or by role.
    Holder(&'static str),
    /// The same, and whoever is signed in, about their own affairs.
    OwnOr(&'static str),
}
use Who::{Anybody, Holder, OwnOr, Person};

/// Method, path, who may, and what those are answered where nothing is there and `{}` is sent.
pub(crate) type Route = (&'static str, &'static str, Who, u16);

#[rustfmt::skip]
pub(crate) const ROUTES: &[Route] = &[
    ("GET",    "/openapi.json",                                 Anybody, 200),
    ("POST",   "/auth/register",                                Anybody, 400),
    ("POST",   "/auth/verify-sms",                              Anybody, 400),
    ("POST",   "/auth/resend-sms",                              Anybody, 400),
    ("POST",   "/auth/login",                                   Anybody, 400),
    ("POST",   "/auth/login/second-factor",                     Anybody, 400),

    ("GET",    "/users/me",                                     Person, 200),
    ("PATCH",  "/users/me",                                     Person, 200),
    ("DELETE", "/users/me",                                     Person, 400),
    ("GET",    "/users/me/phone-numbers",                       Person, 200),
    ("POST",   "/users/me/phone-numbers",                       Person, 400),
    ("POST",   "/users/me/phone-numbers/verify",                Person, 400),
    ("POST",   "/users/me/phone-numbers/verify-code",           Person, 400),
    ("PUT",    "/users/me/phone-numbers/{id}",                  Person, 404),
    ("DELETE", "/users/me/phone-numbers/{id}",                  Person, 404),
    ("POST",   "/users/me/phone-numbers/{id}/set-primary",      Person, 404),
    ("POST",   "/users/phone/check",                            Person, 400),
    ("PATCH",  "/users/phone",                                  Person, 400),
    ("GET",    "/users/lookup/phone",                           Person, 400),
    ("POST",   "/calls/resolve",                                Person, 400),
    ("POST",   "/calls/token",                                  Person, 409),

    ("GET",    "/accounts",                                     Holder("accounts:read"), 200),
    ("GET",    "/accounts/{id}",                                Holder("accounts:read"), 404),
    ("PATCH",  "/accounts/{id}",                                Holder("accounts:write"), 404),
    ("DELETE", "/accounts/{id}",                                Holder("accounts:write"), 404),
    ("GET",    "/verification/paused-prefixes",                 Holder("accounts:read"), 200),
    ("DELETE", "/verification/paused-prefixes/{prefix}",        Holder("accounts:write"), 404),
    ("DELETE", "/verification/locks/{phone}",                   Holder("accounts:write"), 404),
    ("GET",    "/audit",                                        Holder("audit:read"), 200),
    ("GET",    "/analytics/summary",                            Holder("analytics:read"), 200),
    ("GET",    "/tokens",                                       Holder("tokens:read"), 200),
    ("POST",   "/tokens",                                       Holder("tokens:write"), 400),
    ("DELETE", "/tokens/{id}",                                  Holder("tokens:write"), 404),

    ("GET",    "/contacts",                                     Holder("contacts:read"), 200),
    ("GET",    "/contacts/{phone}",                             Holder("contacts:read"), 404),
    ("PATCH",  "/contacts/{phone}",                             Holder("contacts:write"), 404),
    ("DELETE", "/contacts/{phone}",                             Holder("contacts:write"), 404),
    ("GET",    "/contacts/{phone}/export",                      Holder("contacts:export"), 404),
    ("GET",    "/contacts/{phone}/messages",                    Holder("messages:read"), 404),
    ("POST",   "/contacts/{phone}/messages",                    Holder("messages:write"), 400),
    ("GET",    "/contacts/{phone}/consent",                     Holder("contacts:read"), 404),
    ("POST",   "/contacts/{phone}/consent",                     Holder("contacts:write"), 400),
    ("GET",    "/contacts/{phone}/tips",                        Holder("contacts:read"), 404),
    ("POST",   "/contacts/{phone}/messages/{id}/correction",    Holder("contacts:write"), 400),
    ("GET",    "/corrections",                                  Holder("messages:read"), 200),

    ("GET",    "/opt-outs",                                     Holder("contacts:read"), 200),
    ("POST",   "/opt-outs",                                     Holder("contacts:write"), 400),
    ("POST",   "/opt-outs/import",                              Holder("contacts:write"), 415),
    ("GET",    "/opt-outs/export",                              Holder("contacts:read"), 200),

    ("GET",    "/templates",                                    Holder("templates:read"), 200),
    ("POST",   "/templates/preview",                            Holder("templates:read"), 400),
    ("GET",    "/templates/{name}/{locale}",                    Holder("templates:read"), 404),
    ("PUT",    "/templates/{name}/{locale}",                    Holder("templates:write"), 400),
    ("GET",    "/templates/{name}/{locale}/versions",           Holder("templates:read"), 404),
    ("POST",   "/templates/{name}/{locale}/restore",            Holder("templates:write"), 400),
    ("POST",   "/templates/{name}/{locale}/reset",              Holder("templates:write"), 404),

    ("GET",    "/messages",                                     Holder("messages:read"), 200),
    ("POST",   "/messages",                                     Holder("messages:send"), 400),
    ("GET",    "/messages/{id}",                                Holder("messages:read"), 404),
    ("POST",   "/messages/{id}/cancel",                         Holder("messages:send"), 404),

    ("GET",    "/bookings",                                     Holder("bookings:read"), 200),
    ("POST",   "/bookings",                                     Holder("bookings:write"), 400),
    ("GET",    "/bookings/{id}",                                Holder("bookings:read"), 404),
    ("PATCH",  "/bookings/{id}",                                Holder("bookings:write"), 404),
    ("POST",   "/bookings/{id}/cancel",                         Holder("bookings:write"), 404),

    ("GET",    "/forms",                                        Holder("forms:read"), 200),
    ("POST",   "/forms",                                        Holder("forms:write"), 400),
    ("GET",    "/forms/{id}",                                   Holder("forms:read"), 404),
    ("POST",   "/forms/{id}/complete",                          Holder("forms:write"), 404),
    ("POST",   "/forms/{id}/cancel",                            Holder("forms:write"), 404),

    ("GET",    "/tips",                                         Holder("tips:read"), 200),
    ("POST",   "/tips",                                         Holder("tips:write"), 400),
    ("POST",   "/tips/import",                                  Holder("tips:write"), 400),
    ("GET",    "/tips/subscriptions/summary",                   Holder("tips:read"), 200),
    ("GET",    "/tips/{id}",                                    Holder("tips:read"), 404),
    ("PATCH",  "/tips/{id}",                                    Holder("tips:write"), 404),
    ("DELETE", "/tips/{id}",                                    Holder("tips:write"), 404),

    ("GET",    "/groups",                                       Holder("groups:read"), 200),
    ("POST",   "/groups",                                       Holder("groups:write"), 400),
    ("GET",    "/groups/{id}",                                  Holder("groups:read"), 404),
    ("PATCH",  "/groups/{id}",                                  Holder("groups:write"), 404),
    ("DELETE", "/groups/{id}",                                  Holder("groups:write"), 404),
    ("POST",   "/groups/{id}/members",                          Holder("groups:write"), 400),
    ("DELETE", "/groups/{id}/members/{phone}",                  Holder("groups:write"), 404),
    ("GET",    "/alerts",                                       Holder("groups:read"), 200),
    ("POST",   "/alerts",                                       Holder("alerts:send"), 400),
    ("GET",    "/alerts/{id}",                                  Holder("groups:read"), 404),

    ("GET",    "/campaigns",                                    Holder("campaigns:read"), 200),
    ("POST",   "/campaigns",                                    Holder("campaigns:write"), 400),
    ("GET",    "/campaigns/{id}",                               Holder("campaigns:read"), 404),
    ("POST",   "/campaigns/{id}/dry-run",                       Holder("campaigns:read"), 404),
    ("POST",   "/campaigns/{id}/{action}",                      Holder("campaigns:write"), 404),

    ("POST",   "/sms/test",                                     OwnOr("tests:send"), 400),
    ("GET",    "/sms/test/history",                             OwnOr("tests:read"), 200),
    ("GET",    "/sms/test/templates",                           OwnOr("tests:read"), 200),
    ("GET",    "/sms/test/{test_id}",                           OwnOr("tests:read"), 404),

    ("GET",    "/webhook-endpoints",                            Holder("webhooks:read"), 200),
    ("POST",   "/webhook-endpoints",                            Holder("webhooks:write"), 400),
    ("GET",    "/webhook-endpoints/{id}",                       Holder("webhooks:read"), 404),
    ("PATCH",  "/webhook-endpoints/{id}",                       Holder("webhooks:write"), 404),
    ("DELETE", "/webhook-endpoints/{id}",                       Holder("webhooks:write"), 404),
    ("POST",   "/webhook-endpoints/{id}/rotate-secret",         Holder("webhooks:write"), 404),
    ("GET",    "/webhook-endpoints/{id}/deliveries",            Holder("webhooks:read"), 404),
    ("POST",   "/webhook-endpoints/{id}/replay",                Holder("webhooks:write"), 404),
    ("POST",   "/webhook-endpoints/{id}/test",                  Holder("webhooks:write"), 404),

    // Ends the sessions that the others are tried with, so it stays last.
    ("POST",   "/auth/logout",                                  Person, 204),
];

/// The scopes that an operator lacks; an admin has all.
#[rustfmt::skip]
pub(crate) const NOT_AN_OPERATORS: &[&str] = &[
    "accounts:read", "accounts:write", "audit:read", "tokens:read", "tokens:write",
    "alerts:send", "messages:send", "templates:write", "tests:send",
];

/// Where a test token is turned away, because what is sent later can't be told from the rest.
pub(crate) const NOT_FOR_TESTS: &[(&str, &str)] =
    &[("PATCH", "/bookings/{id}"), ("POST", "/campaigns/{id}/{action}")];

/// The methods and paths that the API has; its document is made with its router.
pub(crate) fn declared() -> BTreeSet<(String, String)> {
    let paths = tidings::api::document()["paths"].as_object().unwrap();
    // The short link of forms is outside of the API, and for everybody.
    let ours = paths.iter().filter_map(|(path, methods)| Some((path.strip_prefix("/api/v1")?, methods)));
    let all = ours.flat_map(|(path, methods)| {
        methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.to_owned()))
    });
    all.collect()
}
