"""Words of the sample: invented people, companies and the market that they stand for."""

FIRST_NAMES = """Aaliyah Adam Aisha Alan Alice Amara Amelia Amir Ana Andre Angela Anika Anthony Antonio Arjun Astrid
Beatriz Ben Bianca Bjorn Brianna Bruno Caleb Camille Carlos Carmen Cecilia Chidi Chloe Clara Claudia Connor Daniel
Daria David Deepa Diego Dina Dmitri Edith Eduardo Elena Eli Elif Emeka Emily Emma Erik Esther Ethan Eva Fatima Felix
Fiona Florence Francesca Frank Freya Gabriel George Grace Greta Hana Hannah Harriet Hassan Helen Henry Hugo Ibrahim
Imani Ines Ingrid Isaac Isabel Ivan Jack Jacob Jada James Jasmine Javier Jin Joanna Jonas Jorge Josephine Julia Kai
Karim Karin Keiko Kemal Kenji Kiran Kwame Lars Laura Layla Lena Leo Liam Lila Lin Louis Lucia Lukas Maja Malik Marco
Maria Marta Mateo Maya Mei Mercy Mia Miguel Mila Miriam Mohammed Nadia Naomi Nasser Natalie Nia Nikhil Nina Noah Nora
Olga Oliver Omar Oscar Paolo Patricia Paul Pedro Petra Pia Priya Quentin Rachel Rafael Rania Ravi Rebecca Rhys Rina
Robert Rosa Ruth Sam Samira Sandra Sanjay Sara Sebastian Selma Shreya Simon Sofia Stefan Susan Tamar Tara Thomas Tina
Tobias Uma Valentina Vera Victor Vikram Wei Wendy William Yara Yasmin Yusuf Zara Zoe""".split()

LAST_NAMES = """Abara Acosta Adeyemi Ahmed Alvarez Andersson Aoki Baker Banerjee Barros Bauer Becker Bell Bennett Berg
Bianchi Blake Boateng Brandt Brooks Campos Cardoso Carter Castillo Chang Choi Clarke Cohen Cole Costa Cruz Dalton
Danjuma Das Davies Delgado Diallo Diaz Dubois Duarte Edwards Egan Ekström Ellis Eriksen Evans Farah Faulkner Ferrari
Fischer Flores Foster Fournier Fraser Fuentes Fujita Garcia Ghosh Gibson Gomez Grant Greene Gupta Haddad Hall Hansen
Harper Hassan Hayes Herrera Hoffman Holm Hughes Hussain Ito Jansen Jensen Johansson Joshi Kamau Kapoor Kaya Keller
Khan Kim Klein Koch Kowalski Kumar Lambert Larsen Lee Leroy Lewis Lindqvist Lopez Lund Maguire Malhotra Mancini Marsh
Martin Mbeki Mehta Mendes Meyer Mori Morris Mueller Nakamura Navarro Ndiaye Nguyen Novak Nwosu Oduya Okafor Olsen
Ortega Osei Owens Pacheco Park Patel Pereira Petrov Pham Pinto Porter Quinn Rahman Ramos Rao Reyes Ricci Rivera Rossi
Roy Russo Saito Salazar Sandoval Santos Sato Schmidt Schultz Shah Sharma Silva Singh Soto Stone Suzuki Svensson Tan
Tanaka Thompson Torres Tran Turner Ueda Usman Vargas Vega Virtanen Wagner Walsh Wang Ward Weber Wood Wright Wu Yamada
Yilmaz Young Zhang Zhou Zimmermann""".split()

COMPANY_HEADS = """Acorn Alder Amber Anchor Apex Arbor Argent Aspen Atlas Aurora Avalon Azure Basin Beacon Birch Bramble
Bridge Bright Brook Canyon Cardinal Cedar Chalk Cinder Clear Clover Cobalt Copper Coral Crest Crystal Dawn Delta Drift
Dune Eagle Echo Elm Ember Evergreen Falcon Fern Field Flint Forge Fox Garnet Glade Golden Granite Green Grove Harbor
Hazel Heron High Hollow Horizon Indigo Iron Ivory Jade Juniper Keystone Lantern Larch Laurel Ledge Linden Lumen Lunar
Maple Marble Meadow Merit Mesa Mill Mint Moss North Oak Ocean Olive Onyx Opal Orchard Osprey Pebble Pine Pioneer Plain
Polar Prairie Quarry Quill Raven Red Reed Ridge River Robin Rowan Ruby Sage Sand Sequoia Shore Silver Sky Slate Solar
Spring Spruce Stone Summit Sun Swift Tern Thistle Thorn Tide Timber Topaz True Tulip Vale Velvet Verdant Vista Walnut
West White Wild Willow Winter Wren Yarrow Zephyr""".split()

COMPANY_TAILS = {
    "fashion ecommerce": ["Threads", "Wardrobe", "Apparel", "Outfitters", "Denim", "Boutique"],
    "software": ["Labs", "Systems", "Logic", "Cloud", "Software", "Data"],
    "healthcare": ["Health", "Clinics", "Care", "Medical", "Wellness", "Dental"],
    "finance": ["Capital", "Advisors", "Lending", "Partners", "Insurance", "Ledger"],
    "manufacturing": ["Works", "Industries", "Fabrication", "Tooling", "Castings", "Plastics"],
    "education": ["Academy", "Learning", "Tutors", "Courses", "School", "Campus"],
    "retail": ["Goods", "Market", "Supply", "Stores", "Home", "Trading"],
    "media": ["Media", "Press", "Studio", "Radio", "Pictures", "Review"],
    "nonprofit": ["Foundation", "Trust", "Alliance", "Relief", "Fund", "Society"],
    "travel": ["Travel", "Tours", "Voyages", "Lodges", "Retreats", "Escapes"],
}
INDUSTRY_SHARES = [0.19, 0.18, 0.10, 0.09, 0.09, 0.08, 0.12, 0.06, 0.05, 0.04]
SIZES = ["1-10", "11-50", "51-200", "201-1000", "1000+"]
SIZE_SHARES = [0.34, 0.31, 0.19, 0.11, 0.05]
LARGER_INDUSTRIES = {"finance", "manufacturing", "healthcare"}
REGIONS = ["North America", "United Kingdom", "Europe", "Asia Pacific", "Latin America"]
REGION_SHARES = [0.52, 0.19, 0.15, 0.09, 0.05]
JOB_TITLES = [
    "Email Marketing Manager", "Head of Marketing", "Marketing Director", "CRM Manager", "Founder",
    "Lifecycle Marketer", "Growth Manager", "Marketing Coordinator", "Ecommerce Manager", "Operations Manager",
    "VP Marketing", "Customer Success Manager", "Content Lead", "Chief Marketing Officer",
]  # fmt: skip
TITLE_SHARES = [0.14, 0.12, 0.08, 0.09, 0.13, 0.06, 0.07, 0.08, 0.06, 0.05, 0.03, 0.04, 0.03, 0.02]
TOPICS = ["deliverability", "automation", "SMS", "templates", "analytics", "integrations", "segmentation", "pricing"]
PLANS = {"Plan A": 588.0, "Plan B": 1788.0, "Plan C": 5388.0}
ADD_ONS = {"SMS add-on": 480.0, "Dedicated IP": 720.0, "Deliverability audit": 950.0, "Onboarding session": 350.0}
