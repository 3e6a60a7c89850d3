#include "server/provider_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "server/provider_template.h"
#include "server/text_file.h"
#include "support/temp_dir.h"

namespace enrich {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The template's files in a folder of their own, and what the tools say.
class ProviderFiles : public ::testing::Test {
 protected:
  ProviderFiles() {
    EXPECT_EQ(RunProviderNew("acme", dir_.path(), out_, err_), 0);
    out_.str("");
  }

  void Edit(const std::string& path, absl::string_view from,
            absl::string_view to) {
    const std::string text = ReadTextFile(path).value_or("");
    const std::string edited = absl::StrReplaceAll(text, {{from, to}});
    EXPECT_NE(edited, text) << from;
    std::ofstream(path) << edited;
  }

  const TempDir dir_;
  const std::string file_ = dir_.File("acme.yaml");
  const std::string fixture_ = dir_.File("fixtures/acme/work_email.yaml");
  std::ostringstream out_;
  std::ostringstream err_;
};

TEST_F(ProviderFiles, ATemplateHasNoMistakesAndPasses) {
  EXPECT_EQ(RunProviderLint({file_}, out_, err_), 0);
  EXPECT_EQ(RunProviderTest({file_}, out_, err_), 0);
  EXPECT_EQ(out_.str(),
            absl::StrCat("ok      ", file_, "\nok      ", fixture_, "\n"));
  EXPECT_EQ(err_.str(), "");
}

TEST_F(ProviderFiles, ATemplateIsPrintedWithoutAFolder) {
  EXPECT_EQ(RunProviderNew("other", "", out_, err_), 0);
  EXPECT_EQ(out_.str(), ProviderTemplate("other"));
}

TEST_F(ProviderFiles, ATemplateOverwritesNothing) {
  EXPECT_EQ(RunProviderNew("acme", dir_.path(), out_, err_), 2);
  EXPECT_EQ(err_.str(), file_ + ": is there already\n");
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ProviderFiles, ATemplateNeedsAGoodId) {
  EXPECT_EQ(RunProviderNew("Acme", dir_.path(), out_, err_), 2);
  EXPECT_THAT(err_.str(), HasSubstr("Acme: an id is of a-z"));
  EXPECT_FALSE(std::filesystem::exists(dir_.File("Acme.yaml")));
}

TEST_F(ProviderFiles, MistakesAreListedWithTheirFile) {
  Edit(file_, "job: \"= id\"", "job: id");
  EXPECT_EQ(RunProviderLint({file_}, out_, err_), 2);
  EXPECT_THAT(err_.str(),
              HasSubstr(file_ + ":40: operations[0].submit.job: must be"));
  EXPECT_EQ(RunProviderTest({file_}, out_, err_), 2);
  EXPECT_EQ(RunProviderExplain(file_, fixture_, out_, err_), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ProviderFiles, MistakesInFixturesAreListedToo) {
  Edit(fixture_, "status: 202", "status: done");
  EXPECT_EQ(RunProviderLint({file_}, out_, err_), 2);
  EXPECT_THAT(err_.str(), HasSubstr(fixture_ + ":17: steps[0]"));
  EXPECT_EQ(RunProviderTest({file_}, out_, err_), 2);
  EXPECT_EQ(out_.str(), "");
}

TEST_F(ProviderFiles, AFixtureThatIsNotThereIsAMistake) {
  std::filesystem::remove(fixture_);
  EXPECT_EQ(RunProviderLint({file_}, out_, err_), 2);
  EXPECT_EQ(err_.str(), fixture_ + ": cannot be read\n");
  EXPECT_EQ(RunProviderLint({dir_.path()}, out_, err_), 2);
  EXPECT_EQ(RunProviderTest({"/no/such/file"}, out_, err_), 2);
}

TEST_F(ProviderFiles, AFailedFixtureSaysWhere) {
  Edit(fixture_, "quality: DELIVERABLE", "quality: CATCH_ALL");
  EXPECT_EQ(RunProviderTest({file_}, out_, err_), 1);
  EXPECT_EQ(out_.str(),
            absl::StrCat("FAILED  ", fixture_, "\n  line 22, poll\n",
                         "    answer: items[0].work_email.emails[0].quality: "
                         "expected \"CATCH_ALL\", got \"DELIVERABLE\"\n"));
}

TEST_F(ProviderFiles, AFixtureMayHaveACountry) {
  Edit(file_, "/account", "/account/{account.country}");
  Edit(fixture_, "/account", "/account/FR");
  EXPECT_EQ(RunProviderTest({file_}, out_, err_), 1);
  Edit(fixture_, "operation:", "account: {country: FR}\noperation:");
  EXPECT_EQ(RunProviderTest({file_}, out_, err_), 0);
}

TEST_F(ProviderFiles, AFixtureIsExplainedFromEitherFolder) {
  EXPECT_EQ(RunProviderExplain(file_, fixture_, out_, err_), 0);
  const std::string text = out_.str();
  EXPECT_THAT(text, HasSubstr("step 1, submit"));
  EXPECT_THAT(text, HasSubstr("X-API-Key: ***"));
  EXPECT_THAT(text, Not(HasSubstr("NOT AS EXPECTED")));
  out_.str("");
  EXPECT_EQ(RunProviderExplain(file_, FixtureTemplatePath("acme"), out_, err_),
            0);
  EXPECT_EQ(out_.str(), text);
  EXPECT_EQ(RunProviderExplain(file_, "none.yaml", out_, err_), 2);
}

}  // namespace
}  // namespace enrich
