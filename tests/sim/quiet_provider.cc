#include "sim/quiet_provider.h"

#include <utility>

#include "absl/strings/strip.h"

namespace enrich::sim {

using simulator::ApiCall;
using simulator::EndpointKind;

namespace {

constexpr Credits kEmailPrice = Credits::Whole(2);
constexpr Credits kPhonePrice = Credits::Whole(5);

std::optional<simulator::FoundPhone> PhoneOf(const simulator::Person& person) {
  return person.mobile.has_value() ? person.mobile : person.landline;
}

}  // namespace

const absl::string_view kQuietFile = R"yaml(
spec: 1
id: quiet
base_url: https://quiet.sim
auth: {headers: {X-Key: "{secret.api_key}"}}
limits: {submit: [20/s], pause_after_429: 30s}
tables:
  job: {queued: RUNNING, done: FINISHED, dead: FAILED}
  state: {hit: FOUND, miss: NOT_FOUND, none: ABSENT}
errors:
  - {http: 429, class: RATE_LIMITED}
  - {http: 404, on: poll, class: JOB_UNKNOWN}
operations:
  - id: find
    fields: {work_email: {price: 2}, phone: {price: 5}}
    requires: [linkedin_url, "first_name, last_name, company_domain"]
    batch: {max: 20}
    submit:
      post: /find
      body: {people: "= items[*].{ref: ref, first: first_name, last: last_name, domain: company_domain, url: linkedin_url, fields: fields}"}
      job: "= id"
    poll:
      get: /find/{job}
      first: 1m
      every: 10m
      give_up: 12h
      state: "= lookup('job', status)"
      results: "= people"
      cost: "= cost"
    result:
      match: {ref: "= ref"}
      fields:
        work_email: {state: "= lookup('state', email)", emails: "= emails"}
        phone: {state: "= lookup('state', phone)", phones: "= phones"}
tests: [none.yaml]
)yaml";

EndpointKind QuietProvider::KindOf(absl::string_view method,
                                   absl::string_view) const {
  return method == "POST" ? EndpointKind::kSubmit : EndpointKind::kFetch;
}

HttpResponse QuietProvider::Handle(const ApiCall& call) {
  if (call.method != "POST") {
    absl::string_view id = call.path;
    absl::ConsumePrefix(&id, "/find/");
    const auto job = jobs_.find(id);
    return job == jobs_.end() ? ErrorAnswer(404)
                              : simulator::JsonAnswer(200, Render(job->second));
  }
  Job job = {.people = ReadPeople(call.body)};
  simulator::Submission entry = NewEntry(call, job.people, 200);
  const std::string id = NewUuid(env_->clock, env_->random);
  entry.accepted = true;
  entry.job_id = id;
  env_->ledger->Append(std::move(entry));
  jobs_.emplace(id, std::move(job));
  env_->executor.PostAfter(env_->DrawLatency(), [weak = weak_from_this(), id,
                                                 fails = call.FailsJob()] {
    if (const auto self = weak.lock()) self->End(id, fails);
  });
  json::Writer out;
  out.StartObject().Member("id", id).EndObject();
  return simulator::JsonAnswer(200, out.Take());
}

void QuietProvider::RecordUnhandled(const ApiCall& call, int status) {
  env_->ledger->Append(NewEntry(call, ReadPeople(call.body), status));
}

HttpResponse QuietProvider::ErrorAnswer(int status) const {
  json::Writer out;
  out.StartObject().Key("error").Int(status).EndObject();
  return simulator::JsonAnswer(status, out.Take());
}

std::vector<QuietProvider::Wanted> QuietProvider::ReadPeople(
    absl::string_view body) {
  std::vector<Wanted> people;
  const auto document = json::Document::Parse(body);
  if (!document.ok()) return people;
  const auto text = [](const json::Value& value) {
    return std::string(value.AsString());
  };
  for (const json::Value row : document->root()["people"]) {
    Wanted& wanted = people.emplace_back();
    wanted.ref = text(row["ref"]);
    wanted.person = {.first_name = text(row["first"]),
                     .last_name = text(row["last"]),
                     .domain = text(row["domain"]),
                     .linkedin_url = text(row["url"])};
    for (const json::Value field : row["fields"]) {
      (field.AsString() == "phone" ? wanted.phone : wanted.email) = true;
    }
  }
  return people;
}

simulator::Submission QuietProvider::NewEntry(const ApiCall& call,
                                              const std::vector<Wanted>& people,
                                              int status) const {
  simulator::Submission entry = {.received_at = env_->clock.Now(),
                                 .provider = "quiet",
                                 .endpoint = call.path,
                                 .status = status,
                                 .fault = call.FaultLabel()};
  for (const Wanted& wanted : people) {
    entry.keys.push_back(wanted.ref);
    if (wanted.email) {
      entry.lookups.push_back(simulator::LookupHash(wanted.person, "email"));
    }
    if (wanted.phone) {
      entry.lookups.push_back(simulator::LookupHash(wanted.person, "phone"));
    }
  }
  return entry;
}

simulator::Person QuietProvider::Find(const Wanted& wanted) const {
  return env_->oracle.Find(simulator::Provider::kPronto, wanted.person);
}

void QuietProvider::End(const std::string& id, bool fails) {
  Job& job = jobs_.at(id);
  job.status = fails ? "dead" : "done";
  if (fails) return;
  for (const Wanted& wanted : job.people) {
    const simulator::Person person = Find(wanted);
    if (wanted.email && person.work_email) job.cost += kEmailPrice;
    if (wanted.phone && PhoneOf(person)) job.cost += kPhonePrice;
  }
  env_->ledger->SetCharged(id, job.cost);
}

std::string QuietProvider::Render(const Job& job) const {
  json::Writer out;
  out.StartObject().Member("status", job.status);
  if (job.status == "done") {
    out.Key("cost").Int(job.cost.milli / 1000).Key("people").StartArray();
    for (const Wanted& wanted : job.people) {
      const simulator::Person person = Find(wanted);
      const auto word = [](bool asked, bool found) {
        return !asked ? "none" : found ? "hit" : "miss";
      };
      const bool email = wanted.email && person.work_email.has_value();
      const auto phone = wanted.phone ? PhoneOf(person) : std::nullopt;
      out.StartObject().Member("ref", wanted.ref);
      out.Member("email", word(wanted.email, email));
      out.Member("phone", word(wanted.phone, phone.has_value()));
      if (email) out.Member("emails", person.work_email->address);
      if (phone) out.Member("phones", phone->E164());
      out.EndObject();
    }
    out.EndArray();
  }
  out.EndObject();
  return out.Take();
}

}  // namespace enrich::sim
