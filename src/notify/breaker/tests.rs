use super::*;
use crate::notify::providers::PushProvider;

const FCM: Provider = Provider::Push(PushProvider::Fcm);
const WEB_PUSH: Provider = Provider::Push(PushProvider::WebPush);
const POLICY: BreakerPolicy = BreakerPolicy {
    failures: 3,
    base_secs: 30,
    cap_secs: 100,
};

fn closed() -> BreakerState {
    BreakerState {
        provider: FCM,
        service: String::new(),
        version: 7,
        failures: 0,
        trips: 0,
        open_secs: None,
        may_probe: false,
        reason: None,
    }
}

fn fcm(state: BreakerState) -> Breakers {
    Breakers::new(POLICY, &[state])
}

fn failure() -> Failure {
    Failure::new(Code::ProviderUnavailable, "HTTP 500")
}

fn transient() -> Answer {
    Answer::Transient {
        failure: failure(),
        is_uncertain: true,
    }
}

fn wait(permit: Permit) -> Option<u32> {
    match permit {
        Permit::Go => None,
        Permit::Wait { secs, .. } => Some(secs),
    }
}

const ACCEPTED: Answer = Answer::Accepted {
    message_id: None,
    content: None,
};

#[test]
fn opens_after_consecutive_failures_and_a_success_resets_the_count() {
    let mut breakers = fcm(closed());
    for answer in [transient(), transient(), ACCEPTED, transient(), transient()] {
        assert_eq!(breakers.note(FCM, "", &answer), None);
        assert_eq!(breakers.permit(FCM, ""), Permit::Go);
    }
    assert_eq!(breakers.note(FCM, "", &transient()), Some(30));
    assert_eq!(wait(breakers.permit(FCM, "")), Some(30));
    let changes = breakers.changes();
    assert_eq!((changes[0].version, changes[0].trips), (7, 1));
    assert_eq!(changes[0].reason.as_deref(), Some("provider_unavailable"));
}

#[test]
fn ignores_answers_to_deliveries_that_began_before_it_opened() {
    let mut breakers = fcm(closed());
    let answers = [transient(), transient(), transient(), transient(), ACCEPTED];
    for answer in answers {
        breakers.note(FCM, "", &answer);
    }
    assert_eq!(wait(breakers.permit(FCM, "")), Some(30));
}

#[test]
fn a_single_probe_decides_once_the_time_is_up() {
    let half_open = BreakerState {
        failures: 3,
        trips: 2,
        open_secs: Some(0),
        may_probe: true,
        ..closed()
    };
    let mut breakers = fcm(half_open.clone());
    assert_eq!(breakers.permit(FCM, ""), Permit::Go);
    assert_eq!(wait(breakers.permit(FCM, "")), Some(PROBE_SECS));
    assert_eq!(breakers.note(FCM, "", &transient()), Some(100));

    let mut breakers = fcm(half_open);
    assert_eq!(breakers.permit(FCM, ""), Permit::Go);
    assert_eq!(breakers.note(FCM, "", &ACCEPTED), None);
    let changes = breakers.changes();
    assert_eq!((changes[0].failures, changes[0].trips), (0, 0));
    assert_eq!(changes[0].open_secs, None);
}

#[test]
fn permits_no_probe_without_the_claims_permit() {
    let mut breakers = fcm(BreakerState {
        open_secs: Some(0),
        ..closed()
    });
    assert_eq!(wait(breakers.permit(FCM, "")), Some(PROBE_SECS));
}

#[test]
fn returns_an_unused_permit_to_probe() {
    let half_open = BreakerState {
        failures: 3,
        trips: 2,
        open_secs: Some(0),
        may_probe: true,
        reason: Some("provider_unavailable".into()),
        ..closed()
    };
    let expected = BreakerChange {
        provider: FCM,
        service: String::new(),
        version: 7,
        failures: 3,
        trips: 2,
        open_secs: Some(0),
        reason: half_open.reason.clone(),
    };
    assert_eq!(fcm(half_open).changes(), vec![expected]);
}

#[test]
fn opens_at_once_for_a_provider_that_throttles_or_is_misconfigured() {
    let mut breakers = fcm(closed());
    let throttled = Answer::Throttled {
        after_secs: Some(17),
        failure: failure(),
    };
    assert_eq!(breakers.note(FCM, "", &throttled), Some(17));
    assert_eq!(wait(breakers.permit(FCM, "")), Some(17));

    let mut breakers = fcm(closed());
    let error = "HTTP 401: the secret FCM_KEY is not set";
    let refused = Answer::Misconfigured(Failure::new(Code::ProviderMisconfigured, error));
    assert_eq!(breakers.note(FCM, "", &refused), Some(30));
    let reason = breakers.changes()[0].reason.clone().unwrap();
    assert_eq!(reason, format!("provider_misconfigured: {error}"));
}

const APPLE: &str = "web.push.apple.com";
const MOZILLA: &str = "updates.push.services.mozilla.com";

fn web_push(change: impl Fn(&mut BreakerState)) -> Breakers {
    let states = ["", APPLE, MOZILLA].map(|service| {
        let mut state = BreakerState {
            provider: WEB_PUSH,
            service: service.into(),
            ..closed()
        };
        change(&mut state);
        state
    });
    Breakers::new(POLICY, &states)
}

#[test]
fn a_push_service_that_fails_or_asks_to_wait_stops_itself_alone() {
    let refused = Answer::Transient {
        failure: Failure::new(Code::ProviderMisconfigured, "HTTP 403: BadJwtToken"),
        is_uncertain: false,
    };
    for (answer, times, secs) in [
        (transient(), 3, 30),
        (refused, 3, 30),
        (
            Answer::Throttled {
                after_secs: Some(17),
                failure: failure(),
            },
            1,
            17,
        ),
    ] {
        let mut breakers = web_push(|_| {});
        for _ in 1..times {
            assert_eq!(breakers.note(WEB_PUSH, APPLE, &answer), None);
            assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
        }
        assert_eq!(breakers.note(WEB_PUSH, APPLE, &answer), Some(secs));
        assert_eq!(wait(breakers.permit(WEB_PUSH, APPLE)), Some(secs));
        assert_eq!(breakers.permit(WEB_PUSH, MOZILLA), Permit::Go);
        assert_eq!(breakers.permit(WEB_PUSH, ""), Permit::Go);
        let changes = breakers.changes();
        assert_eq!(changes.len(), 1);
        assert_eq!(changes[0].service, APPLE);
    }
}

#[test]
fn one_endpoint_among_others_of_its_push_service_does_not_stop_it() {
    let mut breakers = web_push(|_| {});
    for _ in 0..100 {
        breakers.note(WEB_PUSH, APPLE, &transient());
        breakers.note(WEB_PUSH, APPLE, &ACCEPTED);
    }
    assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
}

#[test]
fn secrets_that_cannot_be_used_stop_all_push_services() {
    let mut breakers = web_push(|_| {});
    let unusable = Answer::Misconfigured(Failure::new(
        Code::ProviderMisconfigured,
        "the secret VAPID_PRIVATE_KEY is not set",
    ));
    assert_eq!(breakers.note(WEB_PUSH, APPLE, &unusable), Some(30));
    assert_eq!(wait(breakers.permit(WEB_PUSH, MOZILLA)), Some(30));
    assert_eq!(breakers.changes().len(), 1);
}

#[test]
fn a_push_service_that_fails_shows_that_the_secrets_can_be_used() {
    let mut breakers = web_push(|state| {
        if state.service.is_empty() {
            (state.trips, state.open_secs, state.may_probe) = (2, Some(0), true);
        }
    });
    assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
    assert_eq!(wait(breakers.permit(WEB_PUSH, MOZILLA)), Some(PROBE_SECS));
    assert_eq!(breakers.note(WEB_PUSH, APPLE, &transient()), None);
    assert_eq!(breakers.permit(WEB_PUSH, MOZILLA), Permit::Go);
}

#[test]
fn a_push_service_is_probed_by_one_delivery() {
    let mut breakers = web_push(|state| {
        if state.service == APPLE {
            (state.trips, state.open_secs, state.may_probe) = (1, Some(0), true);
        }
    });
    assert_eq!(breakers.permit(WEB_PUSH, APPLE), Permit::Go);
    assert_eq!(wait(breakers.permit(WEB_PUSH, APPLE)), Some(PROBE_SECS));
    assert_eq!(breakers.permit(WEB_PUSH, MOZILLA), Permit::Go);
    assert_eq!(breakers.note(WEB_PUSH, APPLE, &transient()), Some(60));
}

#[test]
fn writes_no_change_if_nothing_changed() {
    let mut breakers = fcm(closed());
    breakers.note(FCM, "", &ACCEPTED);
    breakers.note(FCM, "", &Answer::Gone(failure()));
    assert_eq!(breakers.changes(), Vec::new());
}
