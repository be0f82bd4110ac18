#include <naru/base/build_check.hpp>

#include <gtest/gtest.h>

namespace
{

TEST(BuildCheck, gives_a_macro_the_number_in_its_text)
{
    using naru::build::value_of;
    static_assert(value_of("SIZE", "SIZE") == -1, "not defined");
    static_assert(value_of("SIZE", "") == 1, "defined without a text");
    static_assert(value_of("SIZE", "16") == 16);
    static_assert(value_of("SIZE", "(16u)") == 16);
    static_assert(value_of("SIZE", "yes") == 1);
    SUCCEED();
}

TEST(BuildCheck, links_a_unit_that_is_built_like_the_library)
{
    naru::build::BOOST_ASIO_DISABLE_THREADS_is<-1>();
    SUCCEED();
}

} // namespace
