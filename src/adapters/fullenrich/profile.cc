#include "adapters/fullenrich/profile.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

// The public schema documents profile.{full_name, first_name, last_name,
// location, social_profiles, employment} and of a company only name and domain;
// `industry` and `headcount` are where FullEnrich's own n8n node reads them.
namespace enrich::fullenrich {
namespace {

void SetIfEmpty(std::string& field, absl::string_view text) {
  if (field.empty()) field = std::string(text);
}

// "Springfield, Illinois, United States".
std::string LocationText(const json::Value& location) {
  if (location.is_string()) return std::string(location.AsString());
  std::string text;
  for (const absl::string_view part : {"city", "region", "country"}) {
    const absl::string_view name = location[part].AsString();
    if (name.empty()) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", name);
  }
  return text;
}

void FillCompany(const json::Value& company, Profile& out) {
  for (const json::Value member : company) {
    const absl::string_view key = member.key();
    if (key == "name") {
      SetIfEmpty(out.company_name, member.AsString());
    } else if (key == "domain") {
      SetIfEmpty(out.company_domain, member.AsString());
    } else if (key == "industry") {
      SetIfEmpty(out.company_industry, member.is_object()
                                           ? member["main_industry"].AsString()
                                           : member.AsString());
    } else if (key == "headcount" && out.company_headcount == 0) {
      const std::optional<int64_t> headcount = member.AsInt();
      if (headcount.has_value() && *headcount > 0) {
        out.company_headcount = *headcount;
      }
    }
  }
}

void FillPosition(const json::Value& position, Profile& out) {
  if (!position.is_object()) return;
  SetIfEmpty(out.job_title, position["title"].AsString());
  FillCompany(position["company"], out);
}

void FillEmployment(const json::Value& employment, Profile& out) {
  FillPosition(employment["current"], out);
  // `current` has been seen with no more than a title; the first of `all` is
  // then the same position in full.
  const json::Value latest = employment["all"].at(0);
  const json::Value title = latest["title"];
  const bool is_past = !latest["is_current"].AsBool().value_or(true);
  if (is_past || (!out.job_title.empty() && !title.null() &&
                  title.AsString() != out.job_title)) {
    return;
  }
  FillPosition(latest, out);
}

bool IsEmpty(const Profile& profile) {
  return profile.full_name.empty() && profile.job_title.empty() &&
         profile.location.empty() && profile.linkedin_url.empty() &&
         profile.company_name.empty() && profile.company_domain.empty() &&
         profile.company_industry.empty() && profile.company_headcount == 0;
}

}  // namespace

void ReadProfile(const json::Value& profile, std::optional<Profile>& result) {
  if (!profile.is_object()) return;
  Profile& out = result.emplace();
  absl::string_view first_name;
  absl::string_view last_name;
  for (const json::Value member : profile) {
    const absl::string_view key = member.key();
    if (key == "full_name") {
      out.full_name = std::string(member.AsString());
    } else if (key == "first_name") {
      first_name = member.AsString();
    } else if (key == "last_name") {
      last_name = member.AsString();
    } else if (key == "location") {
      out.location = LocationText(member);
    } else if (key == "social_profiles") {
      out.linkedin_url =
          std::string(member["professional_network"]["url"].AsString());
    } else if (key == "employment") {
      FillEmployment(member, out);
    }
  }
  if (out.full_name.empty()) {
    out.full_name = absl::StrCat(
        first_name, first_name.empty() || last_name.empty() ? "" : " ",
        last_name);
  }
  if (IsEmpty(out)) result.reset();
}

}  // namespace enrich::fullenrich
