#ifndef ENRICH_TESTS_UNIT_SIMULATOR_PRONTO_FIXTURE_H_
#define ENRICH_TESTS_UNIT_SIMULATOR_PRONTO_FIXTURE_H_

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "unit/simulator/simulator_fixture.h"

namespace enrich::simulator {

inline constexpr absl::string_view kSingle = "/contacts/single_enrich";
inline constexpr absl::string_view kBulk = "/contacts/bulk_enrich";

// The members of a contact of whom everything can be asked.
inline std::string Members(absl::string_view first, absl::string_view last) {
  return absl::StrCat(R"("firstname":")", first, R"(","lastname":")", last,
                      R"(","domain":"acme.example","linkedin_url":)",
                      R"("https://www.linkedin.com/in/)", first, "-", last,
                      R"(","custom":{"k":")", first, R"("})");
}
inline std::string Contact(absl::string_view first, absl::string_view last) {
  return absl::StrCat("{", Members(first, last), "}");
}

// `type` is one or more quoted types, `more` further members.
inline std::string Batch(const std::vector<std::string>& contacts,
                         absl::string_view type, absl::string_view more = "") {
  return absl::StrCat(R"({"contacts":[)", absl::StrJoin(contacts, ","),
                      R"(],"enrichment_type":[)", type, "]", more, "}");
}
inline std::string Single(absl::string_view members, absl::string_view type,
                          absl::string_view more = "") {
  return absl::StrCat("{", members, R"(,"enrichment_type":[)", type, "]", more,
                      "}");
}

class ProntoFixture : public SimulatorFixture {
 protected:
  // The path to read a single enrichment.
  static std::string PathOf(const HttpResponse& posted) {
    return absl::StrCat("/contacts/", At(posted, {"enrichment_id"}));
  }
  static std::string Webhook(const std::string& url) {
    return absl::StrCat(R"(,"webhook_url":")", url, R"(")");
  }
  // Submits a single enrichment and returns it once it has finished.
  HttpResponse Enrich(absl::string_view members, absl::string_view type,
                      absl::string_view more = "") {
    const HttpResponse posted =
        Pronto("POST", kSingle, Single(members, type, more));
    EXPECT_EQ(posted.status, 200) << posted.body;
    FinishJobs();
    return Pronto("GET", PathOf(posted));
  }
};

}  // namespace enrich::simulator

#endif  // ENRICH_TESTS_UNIT_SIMULATOR_PRONTO_FIXTURE_H_
