"""Addresses of the account pages."""

from django.urls import URLPattern, URLResolver, path

from caseworker.views import account, health, notices, panic, people, sign_in, welcome, words

urlpatterns: list[URLPattern | URLResolver] = [
    path("", account.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/language/", sign_in.choose_language, name="choose_language"),
    path("unlock/", sign_in.unlock, name="unlock"),
    path("send-again/", sign_in.send_again, name="send_again"),
    path("lock/", sign_in.lock, name="lock"),
    path("lock/everywhere/", panic.lock_everywhere, name="lock_everywhere"),
    path("panic/", panic.lock_everyone, name="lock_everyone"),
    path("panic/lift/", panic.unlock_everyone, name="unlock_everyone"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("exit/", sign_in.quick_exit, name="quick_exit"),
    path("weather/", sign_in.neutral, name="neutral"),
    path("profile/", account.profile, name="profile"),
    path("profile/sessions/", account.end_sessions, name="end_sessions"),
    path("profile/notices/", notices.notices, name="notices"),
    path("profile/notices/code/", notices.new_code, name="new_notice_code"),
    path("profile/notices/confirm/", notices.confirm, name="confirm_notices"),
    path("profile/notices/drop/", notices.drop, name="drop_notices"),
    path("profile/words/", words.new_words, name="new_words"),
    path("profile/words/keep/", words.keep_words, name="keep_words"),
    path("welcome/", welcome.welcome, name="welcome"),
    path("welcome/words/", welcome.first_words, name="first_words"),
    path("profile/second-factor/", account.set_second_factor, name="second_factor"),
    path("people/", people.people, name="people"),
    path("people/new/", people.enrol, name="enrol"),
    path("people/<uuid:person_id>/", people.person, name="person"),
    path("people/<uuid:person_id>/role/", people.change_role, name="change_role"),
    path("people/<uuid:person_id>/words/", people.reset_words, name="reset_words"),
    path("people/<uuid:person_id>/left/", people.leave, name="record_leaving"),
    path("people/<uuid:person_id>/suspend/", people.suspend, name="suspend_person"),
    path("people/<uuid:person_id>/restore/", people.restore, name="restore_person"),
    path("people/<uuid:person_id>/second-factor/", people.reset_factor, name="reset_second_factor"),
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("audit/", people.audit_trail, name="audit_trail"),
]
