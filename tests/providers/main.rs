//! What is sent to the providers, and what their answers mean.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use suplatzigram_queues::{
    base::Timestamp,
    notify::providers::{
        Device, EmailProvider, OpinionProvider, Provider, Push, PushProvider, RegisteredDevice,
    },
};
use uuid::Uuid;

mod answers;
mod deliveries;
mod hostile;
mod opinions;
mod requests;

const FCM: Provider = Provider::Push(PushProvider::Fcm);
const APNS: Provider = Provider::Push(PushProvider::Apns);
const WEB_PUSH: Provider = Provider::Push(PushProvider::WebPush);
const RESEND: Provider = Provider::Email(EmailProvider::Resend);
const SENDGRID: Provider = Provider::Email(EmailProvider::SendGrid);
const OPENAI: Provider = Provider::Opinion(OpinionProvider::OpenAi);
const HTTP: Provider = Provider::Opinion(OpinionProvider::Http);
const KEY: Uuid = Uuid::from_u128(0x1111_1111_1111_4111_8111_1111_1111_1111);
const NOTIFICATION: Uuid = Uuid::from_u128(0x2222_2222_2222_4222_8222_2222_2222_2222);
const FCM_TOKEN: &str =
    "cQ7xW-2kT_GmB1nY0Zr8pL:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx_A1b2C3d4E5f6G7h8I9j0";
const APNS_TOKEN: &str = "740f4707bebcf74f9b7c25d48e3358945f6aa01da5ddb387462c7eaf61bb78ad";
const ENDPOINT: &str =
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABlqT0x-_x9PzQmWl1jcw";
const P256DH: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

fn now() -> Timestamp {
    Timestamp::parse("2026-11-23T12:00:00Z").unwrap()
}

fn a_push<'a>(title: &'a str, body: &'a str, link: Option<&'a str>) -> Push<'a> {
    Push {
        key: KEY,
        notification_id: NOTIFICATION,
        kind: "new_like",
        title,
        body,
        link,
        ttl_secs: 3_600,
        now: now(),
    }
}

fn registered(provider: PushProvider) -> RegisteredDevice {
    let (token, p256dh, auth) = match provider {
        PushProvider::Fcm => (FCM_TOKEN, None, None),
        PushProvider::Apns => (APNS_TOKEN, None, None),
        PushProvider::WebPush => (ENDPOINT, Some(P256DH), Some(AUTH)),
    };
    RegisteredDevice {
        id: None,
        provider,
        token: token.to_owned(),
        p256dh: p256dh.map(str::to_owned),
        auth: auth.map(str::to_owned),
    }
}

fn device(provider: PushProvider) -> Device {
    Device::parse(&registered(provider), &[]).unwrap()
}
