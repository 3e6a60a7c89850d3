#include "simulator/enrow_render.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/json.h"
#include "simulator/credit_text.h"
#include "simulator/json_members.h"

namespace enrich::simulator {
namespace {

Person Find(const PersonOracle& oracle, const EnrowItem& item) {
  return oracle.Find(Provider::kEnrow, item.person);
}

// Null where there is none.
void WriteEmail(const Person& person, json::Writer& out) {
  out.Key("email");
  if (person.work_email.has_value()) {
    out.String(person.work_email->address);
  } else {
    out.Null();
  }
}

// ---- Emails -----------------------------------------------------------------

void WriteEmailSingle(const PersonOracle& oracle, const EnrowItem& item,
                      json::Writer& out) {
  const Person person = Find(oracle, item);
  out.StartObject();
  WriteEmail(person, out);
  WriteJson("custom", item.custom, out);
  out.Key("info").StartObject();
  out.Member("company_domain", person.domain);
  out.Member("fullname", item.person.full_name);
  out.Member("firstname", person.first_name);
  out.Member("lastname", person.last_name);
  out.EndObject();
  out.Member("qualification", person.work_email ? "valid" : "invalid");
  out.EndObject();
}

void WriteEmailItem(const PersonOracle& oracle, const EnrowItem& item,
                    size_t index, json::Writer& out) {
  const Person person = Find(oracle, item);
  out.StartObject().Member("index", absl::StrCat(index));
  out.Member("qualification", person.work_email ? "valid" : "invalid");
  WriteEmail(person, out);
  WriteJson("custom", item.custom, out);
  if (person.work_email.has_value()) {
    out.Key("info").StartObject();
    out.Member("domain", person.domain);
    out.Member("firstname", person.first_name);
    out.Member("lastname", person.last_name);
    out.Key("companyInfo").StartObject();
    out.Member("name", person.company_name).EndObject().EndObject();
  }
  out.Key("raw_params").Raw(item.params).EndObject();
}

// ---- Verifications ----------------------------------------------------------

void WriteVerification(const PersonOracle& oracle, const EnrowItem& item,
                       json::Writer& out) {
  out.Member("email", item.email);
  WriteJson("custom", item.custom, out);
  out.Member("qualification",
             oracle.IsDeliverable(item.email) ? "valid" : "invalid");
}

// ---- Phones -----------------------------------------------------------------

void WritePhone(const PersonOracle& oracle, const EnrowItem& item,
                json::Writer& out) {
  const Person person = Find(oracle, item);
  out.Key("params").Raw(item.params);
  WriteJson("custom", item.custom, out);
  out.Member("qualification", person.mobile ? "found" : "not_found");
  if (!person.mobile.has_value()) return;
  out.Member("number", person.mobile->E164());
  out.Member("country", person.mobile->region);
}

// ---- Jobs -------------------------------------------------------------------

void WriteSingle(const PersonOracle& oracle, const EnrowJob& job,
                 json::Writer& out) {
  const EnrowItem& item = job.request.items.front();
  switch (job.endpoint->search) {
    case EnrowSearch::kEmail:
      WriteEmailSingle(oracle, item, out);
      return;
    case EnrowSearch::kVerify:
      out.StartObject();
      WriteVerification(oracle, item, out);
      out.EndObject();
      return;
    case EnrowSearch::kPhone:
      out.StartObject();
      WritePhone(oracle, item, out);
      out.EndObject();
      return;
  }
}

void WriteResults(const PersonOracle& oracle, const EnrowJob& job,
                  json::Writer& out) {
  out.Key("results").StartArray();
  for (size_t i = 0; i < job.request.items.size(); ++i) {
    const EnrowItem& item = job.request.items[i];
    switch (job.endpoint->search) {
      case EnrowSearch::kEmail:
        WriteEmailItem(oracle, item, i, out);
        break;
      case EnrowSearch::kVerify:
        out.StartObject().Member("index", absl::StrCat(i));
        WriteVerification(oracle, item, out);
        out.EndObject();
        break;
      case EnrowSearch::kPhone:
        out.StartObject().Key("index").Int(static_cast<int64_t>(i));
        WritePhone(oracle, item, out);
        out.EndObject();
        break;
    }
  }
  out.EndArray();
}

void WriteStats(const EnrowJob& job, json::Writer& out) {
  const auto requested = static_cast<int64_t>(job.request.items.size());
  out.Key("stats").StartObject().Key("requested").Int(requested);
  switch (job.endpoint->search) {
    case EnrowSearch::kEmail:
      out.Key("finished").Int(requested);
      out.Key("valid").Int(job.good);
      out.Key("credits_cost").StartObject().Key("initial");
      WriteCredits(job.price, out);
      out.Key("refunded");
      WriteCredits(job.price - job.cost, out);
      out.Key("final");
      WriteCredits(job.cost, out);
      out.EndObject();
      break;
    case EnrowSearch::kVerify:
      out.Key("valid").Int(job.good).Key("credits_cost");
      WriteCredits(job.cost, out);
      break;
    case EnrowSearch::kPhone:
      out.Key("found").Int(job.good).Key("credits_cost");
      WriteCredits(job.cost, out);
      out.Key("credits_to_refund");
      WriteCredits(job.price - job.cost, out);
      break;
  }
  out.EndObject();
}

void WriteRunningStats(const EnrowJob& job, absl::Time now, json::Writer& out) {
  const auto requested = static_cast<int64_t>(job.request.items.size());
  const double share = job.takes > absl::ZeroDuration()
                           ? absl::FDivDuration(now - job.begun, job.takes)
                           : 0;
  const auto finished = static_cast<int64_t>(std::clamp(share, 0.0, 1.0) *
                                             static_cast<double>(requested));
  out.Key("stats").StartObject().Key("requested").Int(requested);
  // Running means that something is missing.
  out.Key("finished").Int(std::min(finished, requested - 1)).EndObject();
}

std::string RenderBulk(const PersonOracle& oracle, const EnrowJob& job,
                       absl::Time now) {
  json::Writer out;
  out.StartObject().Key("general").StartObject().Member("id", job.id);
  out.Member("status", job.state == EnrowJobState::kRunning     ? "ongoing"
                       : job.state == EnrowJobState::kCompleted ? "completed"
                                                                : "failed");
  WriteJson("custom", job.request.custom, out);
  out.EndObject();
  if (job.state == EnrowJobState::kRunning) {
    WriteRunningStats(job, now, out);
  } else {
    WriteStats(job, out);
  }
  if (job.state == EnrowJobState::kCompleted) WriteResults(oracle, job, out);
  out.EndObject();
  return out.Take();
}

}  // namespace

bool IsGood(const PersonOracle& oracle, const EnrowJob& job,
            const EnrowItem& item) {
  switch (job.endpoint->search) {
    case EnrowSearch::kVerify:
      return oracle.IsDeliverable(item.email);
    case EnrowSearch::kEmail:
      return Find(oracle, item).work_email.has_value();
    case EnrowSearch::kPhone:
      return Find(oracle, item).mobile.has_value();
  }
  return false;
}

std::string RenderEnrowAccepted(const EnrowJob& job) {
  json::Writer out;
  out.StartObject().Member("message", job.endpoint->message);
  out.Member("id", job.id).Key("credits_used");
  WriteCredits(job.price, out);
  if (job.endpoint->bulk) {
    out.Key("estimated_duration")
        .Int(1 + static_cast<int64_t>(job.request.items.size() / 1000));
  }
  if (job.endpoint->search != EnrowSearch::kEmail) {
    out.Key("credits").StartObject().Key("amount");
    WriteCredits(job.price, out);
    out.Member("source", "sub").Key("split").StartObject();
    out.Key("fromPaygo").Int(0).Key("fromSub");
    WriteCredits(job.price, out);
    out.EndObject().EndObject();
  }
  out.EndObject();
  return out.Take();
}

std::string RenderEnrowJob(const PersonOracle& oracle, const EnrowJob& job,
                           absl::Time now) {
  if (job.endpoint->bulk) return RenderBulk(oracle, job, now);
  json::Writer out;
  if (job.state == EnrowJobState::kCompleted) {
    WriteSingle(oracle, job, out);
    return out.Take();
  }
  const EnrowItem& item = job.request.items.front();
  out.StartObject();
  if (job.endpoint->search == EnrowSearch::kPhone) {
    out.Key("params").Raw(item.params);
    WriteJson("custom", item.custom, out);
  }
  out.Member("qualification", "ongoing").EndObject();
  return out.Take();
}

std::string RenderEnrowWebhook(const PersonOracle& oracle,
                               const EnrowJob& job) {
  json::Writer out;
  out.StartObject().Member("event", job.endpoint->event).Member("id", job.id);
  out.Key("credits").StartObject().Key("cost");
  WriteCredits(job.cost, out);
  out.EndObject();
  if (!job.endpoint->bulk && job.state == EnrowJobState::kCompleted) {
    out.Key("result");
    WriteSingle(oracle, job, out);
  }
  out.EndObject();
  return out.Take();
}

}  // namespace enrich::simulator
