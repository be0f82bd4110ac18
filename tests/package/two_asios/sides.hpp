#pragma once

#include <boost/system/error_code.hpp>

#include <vector>

boost::system::error_code library_end_of_file();
boost::system::error_code header_end_of_file();
bool header_judges_end_of_file(boost::system::error_code ec);

/// One code of each category of Asio and Beast, in the same order on both sides.
std::vector<boost::system::error_code> library_codes();
std::vector<boost::system::error_code> header_codes();

bool header_hears_a_signal();
